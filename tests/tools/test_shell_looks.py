from __future__ import annotations

from localgpt.tools.shell_looks import looks


def test_files_are_found_and_what_starts_things_is_named(tmp_path):
    for name in (
        "a.md",
        "AGENTS.md",
        "d/AGENTS.md",
        "d/.envrc",
        "d/.git/config",
        "node_modules/x.js",
        "b/HEAD",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "b" / "objects").mkdir()
    (tmp_path / "b" / "refs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "d")
    found = looks(str(tmp_path))
    assert set(found.files) == {"a.md", "AGENTS.md", "d/AGENTS.md", "d/.envrc", "b/HEAD"}
    assert found.starting == {"AGENTS.md", "d/.envrc", "d/.git", "b"}
    assert found.files["a.md"].size == 1


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert looks(str(tmp_path / "gone")) == ({}, frozenset())
