from __future__ import annotations

from localgpt.tools.shell_hiding import hidden


def test_keys_private_notes_and_repositories_that_know_them(tmp_path):
    (tmp_path / "p" / ".git").mkdir(parents=True)
    paths = ["a.md", "p/d.md", ".env", "k/server.pem", "x/.ssh/known.md", "knowledge/b.md"]
    root = str(tmp_path)
    assert hidden(root, paths, []) == tuple(
        f"{root}/{one}" for one in (".env", "k/server.pem", "x/.ssh/known.md")
    )
    assert hidden(root, ["a.md"], ["p/d.md"]) == (f"{root}/p/.git", f"{root}/p/d.md")
