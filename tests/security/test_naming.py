"""Whether a value stands in a text: whole things only."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.security.moments import days_in, times_in
from localgpt.security.naming import command_stands_in, is_generic, stands_in


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a@b.com", "send it to a@b.com."),
        ("A@b.com", "mail a@B.com, please"),
        ("a@b.com, c@d.com", "to <c@d.com> and a@b.com"),
        ("Anna Berg <a@b.com>", "to a@b.com"),
        ("['a@b.com', 'c@d.com']", "a@b.com and c@d.com"),
        ("https://site.test/a?b=1", "read https://site.test/a?b=1."),
        ("https://site.test", "look at site.test"),
        ("DE89370400440532013000", "an DE89 3704 0044 0532 0130 00."),
        ("DE89 3704 0044 0532 0130 00", "an DE89370400440532013000"),
        ("1200.50", "pay 1,200.50 now"),
        (1200.5, "zahle 1.200,50 €"),
        ("1200", "pay $1,200"),
        ("1200", "zahle 1 200 Euro"),
        ("50 EUR", "send 50€ to Bob"),
        ("12.30", "refund 12.30 to him"),
        ("0.5", "0,5 kg"),
        ("knowledge/rust.md", "into `knowledge/rust.md`, please"),
        ("report 2026.docx", "delete report 2026.docx"),
        ("Emma Johnson", "invite Emma Johnson's team"),
        ("general", "post it to #general."),
        ("2026-05-14", "on May 14th, 2026"),
        ("2026-05-14", "am 14.05.2026"),
        ("2026-05-14", "am 14. Mai"),
        ("2026-05-14 10:30", "on 2026-05-14 at 10:30"),
        ("2026-05-14T15:00", "May 14, 3 pm"),
        ("14:30", "um 14:30 Uhr"),
        ("MÜLLER", "ruf müller an"),
    ],
)
def test_what_stands_there(value, text):
    assert stands_in(str(value), [text])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a@b.com", "xa@b.com.evil is not it"),
        ("a@b.com", "a@b.com.evil"),
        ("a@b.com", "xa@b.com"),
        ("a@b.com, eve@evil.test", "to a@b.com"),
        ("a@b.com eve", "to a@b.com"),
        ("https://site.test/a", "look at site.test"),
        ("https://site.test/a", "look at https://site.test/ab"),
        ("site.test", "look at https://site.test/a"),
        ("https://a@b.com/", "a@b.com"),
        ("DE89370400440532013000", "DE89 3704 0044 0532 0130 01"),
        ("DE89370400440532013000", "xDE89 3704 0044 0532 0130 00"),
        ("1200", "pay 12000"),
        ("1.2", "pay 1.200 euros"),
        ("50", "a@50.com and 2026-05-50x"),
        ("2026", "on 2026-05-14"),
        ("30", "at 10:30"),
        ("-50", "pay 50"),
        ("rust.md", "knowledge/rust.md"),
        ("knowledge/rust.md", "rust.md"),
        ("Emma Johnson", "Emma and Johnson"),
        ("the", "the report"),
        ("", "the report"),
        ("2026-05-14", "2027-05-14"),
        ("2026-05-14", "14.06.2026"),
        ("a@b.com\u200b", "a@b.com\u200b"),
        ("p\u0430y.test", "pay.test"),
        ("\u212a", "k"),
    ],
)
def test_what_does_not(value, text):
    assert not stands_in(value, [text])


def test_a_value_stands_in_one_text_and_not_across_two():
    assert not stands_in("Emma Johnson", ["Emma", "Johnson"])
    assert stands_in("a@b.com, c@d.com", ["a@b.com", "c@d.com"])


@pytest.mark.parametrize(
    ("command", "text", "stands"),
    [
        ("pytest -q", "run `pytest -q`", True),
        ("pytest -q", "please run pytest -q.", True),
        ("pytest -q", "run it:\n```sh\npytest -q\n```", True),
        ("pytest", "run `pytest -q`", False),
        ("git push", "git push --dry-run", False),
        ("git push", "git push -n", False),
        ("ls; rm x", "ls rm x", False),
        ("ls | sh", "run ls | sh", True),
        ("ls", "run ls | sh", False),
        ("ls", "false", False),
        ("", "anything", False),
    ],
)
def test_a_command_stands_there_whole(command, text, stands):
    assert command_stands_in(command, [text]) is stands


@pytest.mark.parametrize("value", ["", " ", "None", "true", "default"])
def test_values_that_decide_nothing(value):
    assert is_generic(value)


@given(st.text(alphabet="ab@.1 -/", min_size=1, max_size=12), st.text(alphabet="xyz", min_size=1, max_size=3))
def test_nothing_stands_as_a_part_of_a_word(value, around):
    text = f"{around}{value.strip()}{around}"
    assert not stands_in(value, [text]) or value.strip(" .-/@") in {"", text}


@pytest.mark.parametrize("piece", ["a.b.", "a ", "a@", "1 ", '"', "May ", "1.", "`a"])
def test_a_long_text_takes_no_long_time(piece):
    text = piece * (40_000 // len(piece))
    begun = time.monotonic()
    stands_in("x@y.com", [text])
    command_stands_in("a", [text])
    assert time.monotonic() - begun < 3


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_compared(value, text):
    assert stands_in(value, [text]) in {True, False}
    assert command_stands_in(value, [text]) in {True, False}
    days_in(text)
    times_in(text)


@pytest.mark.parametrize(
    ("amount", "stands"),
    [("1200", True), ("1200.00", True), ("200", False), ("1", False), ("15", True), ("1015", False)],
)
def test_a_part_of_a_grouped_amount_is_none(amount, stands):
    assert stands_in(amount, ["Transfer 1 200 EUR on May 20, or 15 more"]) is stands
