from __future__ import annotations

import pytest

from localgpt.tools.shell_origin import is_document, tells_no_content


@pytest.mark.parametrize(
    ("command", "tells"),
    [
        ("ls -l knowledge/*.md", True),
        ("wc -l a.md", True),
        ("cat a.md", False),
        ("ls; cat a.md", False),
        ("ls $(cat a.md)", False),
        ("wc -l < a.md", False),
        ("wc --files0-from=a.md", False),
        ("wc --files0-from a.md", False),
        ("ls a.md\ncat a.md", False),
        ("rm -v 'a'", False),
        ("./ls", False),
        ("", False),
    ],
)
def test_commands_that_only_look_at_files(command, tells):
    assert tells_no_content(command) is tells


def test_documents():
    assert is_document("a/Report.PDF")
    assert not is_document("a/report.md")
