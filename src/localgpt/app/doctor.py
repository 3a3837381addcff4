"""Is everything well? Each check looks at one thing, and says what to do where something is wrong."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from localgpt.app.assistant import Assistant
from localgpt.core.errors import LocalGPTError
from localgpt.core.paths import Home
from localgpt.core.redact import keys_only

Status: TypeAlias = Literal["ok", "warning", "failure"]

LITTLE_SPACE = 500 * 1024 * 1024
NO_SPACE = 50 * 1024 * 1024
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, how it is, what was seen, and what to do about it (empty if nothing)."""

    name: str
    status: Status
    detail: str
    fix: str = ""


async def examine(assistant: Assistant) -> list[Check]:
    """Look at everything that LocalGPT stands on; changes nothing but brings the search index up to date."""
    await assistant.ready()
    return await asyncio.to_thread(lambda: [check for look in LOOKS for check in _safely(look, assistant)])


def _safely(look: Callable[[Assistant], Iterable[Check]], assistant: Assistant) -> Iterator[Check]:
    """The findings; an error while looking is a finding too."""
    try:
        yield from look(assistant)
    except LocalGPTError as error:
        yield Check(look.__name__, "failure", error.message, error.hint)


def settings(assistant: Assistant) -> Iterator[Check]:
    """The settings: typing errors, and keys that only the Rust LocalGPT heeds."""
    config = assistant.config
    for warning in config.warnings:
        yield Check("settings", "warning", warning, "Correct it with: localgpt config edit")
    if not config.warnings:
        there = assistant.home.config.exists()
        yield Check("settings", "ok", str(assistant.home.config) if there else "all at their defaults")
    if config.ignored:
        names = _some(config.ignored)
        yield Check("settings", "ok", f"without effect here (Rust LocalGPT): {names}")


def permissions(assistant: Assistant) -> Iterator[Check]:
    """What may run: whether everything is frozen, the mode and its folders, and the grants."""
    if sentence := assistant.freeze.sentence():
        yield Check("freeze", "warning", sentence, "To let things run again: localgpt thaw")
    bounds, grants = assistant.bounds, assistant.grants
    yield Check("mode", "ok", " ".join((bounds.mode, *bounds.folders)))
    for folder in bounds.missing:
        yield Check("mode", "warning", f"{folder} is not there, so nothing goes without a question in it.")
    for problem in grants.problems:
        yield Check("grants", "warning", problem, "Correct it with: localgpt config edit")
    if kept := grants.list():
        yield Check("grants", "ok", f"{len(kept)} (localgpt grants lists them)")


def home(assistant: Assistant) -> Iterator[Check]:
    """The home: can be written to, and read by nobody else."""
    root = assistant.home.root
    if not os.access(root, os.W_OK | os.X_OK):
        yield Check("home", "failure", f"{root} can't be written to.", "Give yourself the right: chmod u+rwx")
        return
    yield Check("home", "ok", str(root))
    for path in _private(assistant.home):
        if path.exists() and path.stat().st_mode & 0o077 and os.name == "posix":
            mode = "700" if path.is_dir() else "600"
            yield Check("home", "warning", f"Others on this machine may read {path}.", f"chmod {mode} {path}")


def _private(home: Home) -> tuple[Path, ...]:
    return (home.root, home.config)


def workspace(assistant: Assistant) -> Iterator[Check]:
    """The notes: there, readable, writable."""
    root = assistant.home.workspace
    if not os.access(root, os.R_OK | os.X_OK):
        yield Check("workspace", "failure", f"{root} can't be read.", "Give yourself the right: chmod u+rx")
    elif not os.access(root, os.W_OK):
        yield Check(
            "workspace",
            "warning",
            f"{root} is read-only.",
            "Nothing can be noted; it is searched all the same.",
        )
    else:
        yield Check("workspace", "ok", str(root))


def disk(assistant: Assistant) -> Iterator[Check]:
    """Room on the disk."""
    free = shutil.disk_usage(assistant.home.root).free
    seen = f"{free / 2**30:.1f} GB free"
    if free < NO_SPACE:
        yield Check("disk", "failure", seen, "Free some space, or nothing more can be kept.")
    elif free < LITTLE_SPACE:
        yield Check("disk", "warning", seen, "Free some space.")
    else:
        yield Check("disk", "ok", seen)


def database(_assistant: Assistant) -> Iterator[Check]:
    """SQLite, with full-text search and vectors."""
    import apsw

    from localgpt.memory.database import Database

    opened = Database(None)  # making its tables needs FTS5
    try:
        if opened.has_vectors:
            with opened.read() as connection:
                vectors = connection.execute("SELECT vec_version()").get
            yield Check(
                "database", "ok", f"SQLite {apsw.sqlite_lib_version()} with FTS5, sqlite-vec {vectors}"
            )
        else:
            yield Check(
                "database",
                "warning",
                f"SQLite {apsw.sqlite_lib_version()} without sqlite-vec: search by words only.",
                "Install LocalGPT again, with a sqlite-vec for this machine.",
            )
    finally:
        opened.close()


def index(assistant: Assistant) -> Iterator[Check]:
    """The search index: up to date, and what could not be read into it."""
    assistant.index.catch_up()
    stats = assistant.index.stats()
    waiting = f", {stats.pending} still without a vector" if stats.pending else ""
    seen = ", ".join(
        [
            _counted(stats.notes, "note"),
            _counted(stats.sessions, "conversation"),
            _counted(stats.chunks, "passage") + waiting,
        ]
    )
    yield Check("index", "ok", seen)
    if stats.skipped:
        names = _some(f"{one.path} ({one.reason})" for one in stats.skipped)
        yield Check("index", "warning", f"Left out: {names}", "localgpt memory stats lists them.")


def embeddings(assistant: Assistant) -> Iterator[Check]:
    """The embedding model: loads, and gives vectors."""
    embedder = assistant.index.embedder
    if embedder is None:
        yield Check("embeddings", "ok", "switched off: search by words only (memory.embedding_provider)")
        return
    embedder.embed_query("Does it work?")
    yield Check("embeddings", "ok", f"{embedder.name}, {embedder.dimensions} dimensions")


def sessions(assistant: Assistant) -> Iterator[Check]:
    """The conversations: every line readable."""
    infos = assistant.sessions.list()
    broken = []
    for info in infos:
        lines = sum(entry.data is None for entry in assistant.sessions.open(info.id).entries())
        if lines:
            broken.append(f"{info.id[:8]} ({lines})")
    if broken:
        yield Check(
            "sessions",
            "warning",
            f"Lines that can't be read, in: {_some(broken)}.",
            "They are left out and kept as they are; nothing else is lost.",
        )
    yield Check("sessions", "ok", _counted(len(infos), "conversation"))


def journal(assistant: Assistant) -> Iterator[Check]:
    """The journal: a chain without gaps."""
    problems = assistant.journal.verify()
    if problems:
        yield Check(
            "journal",
            "warning",
            _some(problems, " "),
            "A line cut off is the mark of a crash; a changed one means that somebody edited the journal.",
        )
    else:
        yield Check("journal", "ok", "every line is in its place")


def history(assistant: Assistant) -> Iterator[Check]:
    """The time machine: what was changed is committed, its repository sound, and the owner's own one served."""
    machine = assistant.time_machine
    machine.commit_turns()
    commits = sum(1 for _ in machine.repository.log())
    yield Check("history", "ok", f"{_counted(commits, 'commit')} in {machine.folder}")
    if broken := machine.set_aside():
        yield Check(
            "history",
            "warning",
            f"Was damaged and begun anew; set aside: {_some(path.name for path in broken)}",
            "Your own edits from before may still be read there with git. Delete it when you don't need them.",
        )
    if machine.owners is not None and (problem := machine.owners.obstacle()):
        yield Check(
            "history",
            "warning",
            f"Turns are not committed into the workspace's own repository: {problem}.",
            "They are in the time machine all the same (docs/history.md).",
        )


def secrets(assistant: Assistant) -> Iterator[Check]:
    """Keys that lie in notes, where every search and every backup has them."""
    places = [f"{path}:{line} ({kind})" for path, line, kind in _keys_in(assistant)]
    if places:
        yield Check(
            "secrets",
            "warning",
            f"Keys lie in your notes: {_some(places)}. No model is given them.",
            "Take them out of the notes; 'localgpt secret set NAME' keeps a key for the settings.",
        )
    else:
        yield Check("secrets", "ok", "no key lies in the notes")


def _keys_in(assistant: Assistant) -> Iterator[tuple[str, int, str]]:
    """Path, line and kind of each; notes that can't be read are left to ``index``."""
    find = keys_only().found
    for path in assistant.note_paths():
        try:
            text = assistant.workspace.read(path).text
        except LocalGPTError:
            continue
        for at, kind in find(text):
            yield path, text.count("\n", 0, at) + 1, kind


def model(assistant: Assistant) -> Iterator[Check]:
    """The model that answers."""
    where = "on this machine" if assistant.engine.local else "not on this machine"
    yield Check("model", "ok", f"{assistant.model} answers, {where}")
    for notice in assistant.notices:
        if notice not in assistant.config.warnings:
            yield Check("model", "warning", notice)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _some(names: Iterable[str], between: str = ", ") -> str:
    """The first few names, and how many more there are."""
    every = list(names)
    more = len(every) - _SHOWN
    return between.join(every[:_SHOWN]) + (f"{between}and {more} more" if more > 0 else "")


LOOKS: tuple[Callable[[Assistant], Iterable[Check]], ...] = (
    settings,
    permissions,
    home,
    workspace,
    disk,
    database,
    index,
    embeddings,
    sessions,
    journal,
    history,
    secrets,
    model,
)
"""Every check, in the order in which they are told."""
