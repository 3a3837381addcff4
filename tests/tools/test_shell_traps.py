from __future__ import annotations

import pytest

from localgpt.tools.shell_traps import defused


def make(root, *names, text="x\n"):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("config", "harmless"),
    [
        (("[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n"
         '[remote "origin"]\n\turl = https://x.test/a\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'
         '[branch "main"]\n\tremote = origin\n\tmerge = refs/heads/main\n[user]\n\tname = a\n'), True),
        ("[core]\n\tfsmonitor = touch x\n", False),
        ("[core] hooksPath = evil\n", False),
        ('[remote "o"]\n\turl = ext::sh -c evil\n', False),
        ("[user]\n\tname = a\\\n\n", False),
        ("[alias]\n\tst = !touch x\n", False),
        ('[include]\n\tpath = "x"\n', False),
        ('[filter "x"]\n\tclean = touch x\n', False),
        ("[core]\n\tsshCommand = touch x\n", False),
        ('[diff "x"]\n\ttextconv = touch x\n', False),
        ("[credential]\n\thelper = !touch x\n", False),
    ],
)  # fmt: skip
def test_settings_of_a_repository(tmp_path, config, harmless):
    make(tmp_path, "r/.git/config", text=config)
    told = defused(str(tmp_path), frozenset({"r/.git"}))
    assert (tmp_path / "r/.git/config").exists() is harmless
    assert bool(told) is not harmless


def test_hooks_of_repositories_within_too(tmp_path):
    make(tmp_path, "r/.git/hooks/a.sample", "r/.git/modules/m/hooks/pre-push")
    told = defused(str(tmp_path), frozenset({"r/.git"}))
    assert told == ("r/.git/modules/m has hooks that run, so their folder is hooks.quarantined now.",)
    assert (tmp_path / "r/.git/hooks").exists()


def test_what_is_there_twice_and_links_are_set_aside(tmp_path):
    make(tmp_path, "d/.envrc", "d/.envrc.quarantined", "d/.claude/.mcp.json")
    (tmp_path / "e").mkdir()
    (tmp_path / "e/.git").symlink_to(tmp_path)
    told = defused(
        str(tmp_path), frozenset({"d/.envrc", "e/.git", "d/.claude", "d/.claude/.mcp.json", "gone/.envrc"})
    )
    assert [one.rpartition(" is ")[2] for one in told] == [
        ".claude.quarantined now.",
        ".envrc.quarantined1 now.",
        ".git.quarantined now.",
    ]
