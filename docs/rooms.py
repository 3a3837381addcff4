"""Writes the table of rooms in architecture.md from the modules themselves: ``python docs/rooms.py``."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "localgpt"
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms: made by docs/rooms.py -->\n", "<!-- end of rooms -->\n"

FLOORS = (
    "cli", "daemon", "server", "mcp_server", "channels", "desktop", "app", "scheduler", "care",
    "agent", "tools", "memory", "models", "security", "core",
)  # fmt: skip

PAGES = (
    ("core/config*", "configuration"), ("core/provider_settings*", "configuration"),
    ("core/settings*", "configuration"), ("core/errors*", "errors"), ("core/paths*", "home"),
    ("core/journal*", "journal"), ("core/files*", "workspace"), ("core/words*", "memory"),
    ("core/vocabulary*", "memory"), ("core/tokens*", "models"), ("core/outbound_addresses*", "web"), ("core/outbound*", "security"),
    ("core/redact*", "security"), ("core/log*", "logs"), ("cli/logs*", "logs"), ("care/time_machine*", "history"), ("care/history*", "history"),
    ("app/time_machine*", "history"), ("core/*", "python"), ("memory/workspace*", "workspace"),
    ("memory/quality*", "memory-quality"), ("memory/questions*", "memory-quality"), ("memory/examination*", "memory-quality"),
    ("cli/quality*", "memory-quality"), ("memory/places*", "workspace"), ("memory/encoding*", "workspace"), ("memory/templates*", "workspace"),
    ("memory/markup*", "web"), ("memory/attachments*", "attachments"), ("memory/documents*", "attachments"),
    ("memory/office*", "attachments"), ("agent/attaching*", "attachments"), ("app/attaching*", "attachments"),
    ("app/enclosing*", "attachments"), ("memory/media_types*", "attachments"), ("tools/web*", "web"),
    ("server/access*", "access"), ("server/gate*", "access"), ("server/limits*", "access"), ("server/login*", "access"),
    ("server/connections*", "access"), ("cli/open*", "access"), ("app/turns*", "api"),
    ("memory/links*", "links"), ("server/rendering*", "links"), ("server/*", "api"), ("care/activity*", "journal"),
    ("cli/daemon*", "daemon"), ("app/sharing*", "daemon"),
    ("memory/remembering*", "workspace"), ("agent/skills*", "skills"), ("agent/session*", "sessions"),
    ("agent/transcript*", "sessions"), ("agent/message_format*", "sessions"), ("agent/replay*", "sessions"),
    ("agent/ex*", "sessions"), ("agent/harvest*", "remembering"), ("agent/own_words*", "remembering"),
    ("agent/directives*", "remembering"), ("agent/aside*", "remembering"), ("agent/compaction*", "remembering"),
    ("agent/condensing*", "remembering"), ("app/settling*", "remembering"), ("cli/idle*", "remembering"),
    ("cli/leaving*", "remembering"), ("care/usage*", "usage"), ("care/*", "undo"), ("agent/branching*", "undo"),
    ("app/undoing*", "undo"), ("cli/changes*", "undo"), ("app/conversing*", "chat"), ("app/exporting*", "sessions"),
    ("agent/research*", "research"), ("app/researching*", "research"), ("cli/research*", "research"),
    ("agent/budget*", "usage"), ("agent/metering*", "usage"), ("agent/spending*", "usage"), ("app/catalogue*", "models"),
    ("app/trial*", "models"), ("app/purse*", "usage"), ("cli/model*", "models"), ("cli/usage*", "usage"), ("agent/project*", "projects"), ("app/project*", "projects"),
    ("cli/project*", "projects"), ("cli/whereabouts*", "projects"), ("agent/cutting*", "workspace"), ("agent/identity*", "workspace"),
    ("agent/loaded_notes*", "workspace"), ("agent/occasion*", "workspace"), ("agent/recent_days*", "workspace"), ("agent/*", "chat"),
    ("app/context_bar*", "chat"), ("app/slash*", "chat"), ("app/talk*", "chat"),
    ("app/engines*", "models"), ("app/doctor*", "cli"), ("app/attending*", "heartbeat"), ("app/*", "python"),
    ("scheduler/task*", "tasks"), ("scheduler/tool*", "tasks"), ("scheduler/background*", "tasks"),
    ("scheduler/inbox*", "inbox"), ("scheduler/answering*", "inbox"), ("scheduler/*", "heartbeat"),
    ("cli/heartbeat*", "heartbeat"), ("security/sandbox*", "sandbox"), ("cli/sandbox*", "sandbox"), ("cli/inbox*", "inbox"), ("cli/task*", "tasks"),
    ("cli/chat*", "chat"), ("cli/repl*", "chat"), ("cli/reply*", "chat"), ("cli/exchange*", "chat"),
    ("cli/history*", "chat"), ("cli/markdown*", "chat"), ("cli/background*", "chat"), ("cli/failures*", "errors"),
)  # fmt: skip
"""Which page tells of which room; the first pattern that fits, else the page of the floor, else this one."""


def tracked() -> set[Path]:
    """The files that git knows: somebody else's unfinished ones stay out of the table."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {ROOT / name for name in listed.stdout.split("\0")}


KNOWN = tracked()


def rooms(floor: Path) -> Iterator[Path]:
    """Modules and folders of a floor; a folder of modules is one room."""
    for path in sorted(floor.iterdir()):
        module = path / "__init__.py" if path.is_dir() else path
        if module in KNOWN and module.suffix == ".py" and path.stem != "__init__":
            yield path


def purpose(room: Path) -> str:
    """The first sentence of what a room says about itself, in Markdown."""
    module = room if room.is_file() else room / "__init__.py"
    text = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(text.split("\n\n")[0].split())
    sentence = re.split(r"(?<=[.?!]) (?=[A-Z])", paragraph)[0]
    return sentence.replace("``", "`").replace("|", "\\|").rstrip(".")


def test_of(room: Path) -> str:
    """A link to the room's test, or to the folder of them; empty if it has none of its own."""
    place = ROOT / "tests" / room.relative_to(SOURCE)
    place = place if room.is_dir() else place.with_name(f"test_{room.stem}.py")
    there = any(known.is_relative_to(place) for known in KNOWN)
    return f"[test](../{place.relative_to(ROOT).as_posix()})" if there else ""


def page_of(room: Path) -> str:
    """A link to the page that tells more."""
    name = room.relative_to(SOURCE).as_posix()
    chosen = next((page for pattern, page in PAGES if fnmatch(name, pattern)), name.split("/")[0])
    return f"[{chosen}.md]({chosen}.md)" if ROOT / "docs" / f"{chosen}.md" in KNOWN else ""


def row(room: Path) -> str:
    """One line of the table."""
    name = room.relative_to(SOURCE).as_posix() + ("/" if room.is_dir() else "")
    shown = name.split("/", 1)[1]
    return f"| [{shown}](../src/localgpt/{name}) | {purpose(room)} | {test_of(room)} | {page_of(room)} |\n"


def table() -> str:
    """The rooms of every floor that is there, the highest first."""
    parts = [
        f"### {floor}\n\n| room | what it is for | test | page |\n|---|---|---|---|\n"
        + "".join(map(row, rooms(SOURCE / floor)))
        for floor in FLOORS
        if (SOURCE / floor).is_dir()
    ]
    return "\n".join(parts)


def with_table(page: str) -> str:
    """The page with the table as it should be."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + "\n" + table() + "\n" + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
