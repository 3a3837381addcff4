"""Which links of a reply lead anywhere."""

from __future__ import annotations

import pytest

from localgpt.security.replies import leads
from localgpt.security.sending import Known

KNOWN = Known("look at python.org and mail clara@home.example", frozenset({"news.example/a?id=3"}))


@pytest.mark.parametrize(
    ("url", "live"),
    [
        ("https://news.example/a?id=3", True),
        ("https://news.example/a?id=4", False),
        ("https://python.org/", True),
        ("https://python.org/mail", True),
        ("https://python.org/p.png?d=4711", False),
        ("https://python.org/harbour/lisbon", False),
        ("https://python.org.evil.example/", False),
        ("https://evil.example/p.png?d=4711", False),
        ("https://clara-4711.evil.example/", False),
        ("https://user:pw@python.org/", False),
        ("mailto:clara@home.example", True),
        ("mailto:clara@home.example?body=4711", False),
        ("mailto:a@home.example", False),
        ("mailto:xclara@home.example", False),
    ],
)
def test_after_foreign_text_only_what_was_named(url: str, live: bool) -> None:
    assert leads(url, KNOWN, foreign=True) is live
    assert leads(url, KNOWN, foreign=False)
