from __future__ import annotations

from localgpt.core.paths import PROTECTED
from localgpt.security.sandbox.closing import closed_in, reserved_in


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def relative(folder):
    return {path.removeprefix(f"{folder}/") for path in closed_in(folder)}


def test_what_speaks_or_starts_things_is_closed(tmp_path):
    make(
        tmp_path,
        "AGENTS.md",
        "memory.MD",
        "skills/a/SKILL.md",
        ".git/config",
        ".mcp.json",
        "note.md",
        "src/AGENTS.md",
    )
    make(tmp_path, "project/deep/.git/HEAD", "node_modules/x/.git/HEAD", "project/.claude/settings.json")
    assert relative(tmp_path) == {
        "AGENTS.md", "memory.MD", "skills", ".git", ".mcp.json", "project/deep/.git", "project/.claude",
    }  # fmt: skip


def test_other_names_of_a_closed_file_are_closed(tmp_path):
    make(tmp_path, "MEMORY.md", "notes/plain.md", "notes/soul-text.md")
    (tmp_path / "notes" / "alias.md").hardlink_to(tmp_path / "MEMORY.md")
    (tmp_path / "SOUL.md").symlink_to("notes/soul-text.md")
    (tmp_path / "USER.md").symlink_to("/nowhere/else.md")
    assert relative(tmp_path) == {"MEMORY.md", "notes/alias.md", "SOUL.md", "notes/soul-text.md", "USER.md"}


def test_every_protected_name_is_reserved(tmp_path):
    names = {path.removeprefix(f"{tmp_path}/").rstrip("/") for path in reserved_in(str(tmp_path))}
    assert set(PROTECTED) | {"skills", ".git", "hooks"} <= names
