from __future__ import annotations

from localgpt.security.sandbox import landlock
from localgpt.security.sandbox.landlock import READ, WRITE, carved


def test_a_folder_without_closed_paths_is_one_rule(tmp_path):
    assert carved(str(tmp_path), []) == [(str(tmp_path), WRITE)]
    assert carved(str(tmp_path), [str(tmp_path) + "-beside/x"]) == [(str(tmp_path), WRITE)]


def test_a_closed_path_makes_the_folders_above_it_readable_only(tmp_path):
    for name in ("a.md", "AGENTS.md", "sub/.git/config", "sub/b.md", "other/c.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "link").symlink_to("/")
    closed = [f"{tmp_path}/AGENTS.md", f"{tmp_path}/sub/.git", f"{tmp_path}/BOOT.md"]
    rules = dict(carved(str(tmp_path), closed))
    assert rules == {
        f"{tmp_path}": READ, f"{tmp_path}/a.md": WRITE, f"{tmp_path}/other": WRITE,
        f"{tmp_path}/sub": READ, f"{tmp_path}/sub/b.md": WRITE,
    }  # fmt: skip


def test_nothing_that_hangs_a_reader_can_be_made_beside_notes():
    assert WRITE & (landlock.MAKE_FIFO | landlock.MAKE_SOCK | landlock.MAKE_CHAR | landlock.MAKE_BLOCK) == 0
