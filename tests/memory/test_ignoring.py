"""``.localgptignore`` means what a ``.gitignore`` would."""

from __future__ import annotations

import pytest

from localgpt.memory.ignoring import Rules


@pytest.mark.parametrize(
    ("rules", "path", "left_out"),
    [
        ("drafts/", "drafts/a.md", True),
        ("drafts/", "deep/drafts/b/a.md", True),
        ("drafts/", "drafts", False),  # a file of that name
        ("drafts", "deep/drafts", True),
        ("drafts", "drafts/a.md", True),
        ("/old.md", "old.md", True),
        ("/old.md", "deep/old.md", False),
        ("deep/old.md", "deep/old.md", True),
        ("deep/old.md", "very/deep/old.md", False),
        ("*.txt", "a.txt", True),
        ("*.txt", "deep/a.txt", True),
        ("*.txt", "a.txt.md", False),
        ("a?c.md", "abc.md", True),
        ("a?c.md", "a/c.md", False),
        ("journal/**/raw", "journal/raw", True),
        ("journal/**/raw", "journal/2026/03/raw/x.md", True),
        ("**/raw", "x/raw", True),
        ("raw/**", "raw/x.md", True),
        ("raw/**", "raw", False),
        ("*.txt\n!keep.txt", "keep.txt", False),
        ("*.txt\n!keep.txt", "other.txt", True),
        ("!keep.txt\n*.txt", "keep.txt", True),
        ("# a.md\n\n  \n", "a.md", False),
        ("\\#a.md", "#a.md", True),
        ("\ufeffa.md", "a.md", True),
        ("a.md  ", "a.md", True),
        ("(.md", "(.md", True),
        ("/", "a.md", False),
        ("", "a.md", False),
    ],
)
def test_what_is_left_out(rules, path, left_out):
    assert (Rules.parse(rules).reason(path) is not None) is left_out


def test_nothing_comes_back_out_of_a_folder_that_is_left_out():
    rules = Rules.parse("drafts/\n!drafts/keep.md")
    rule = rules.reason("drafts/keep.md")
    assert rule is not None
    assert (rule.line, rule.text) == (1, "drafts/")


def test_who_walks_asks_for_each_name_on_the_way():
    rules = Rules.parse("drafts/\n*.txt")
    assert rules.covers("drafts", folder=True)
    assert not rules.covers("drafts")
    assert rules.covers("a.txt")
