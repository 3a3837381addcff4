"""Addresses compared letter by letter, and words that stand only in the notes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.security.sending import (
    Known,
    address,
    addresses_in,
    borrowed,
    copied,
    host_in,
    is_address,
    is_listed,
    is_written,
    names_host,
)


@pytest.mark.parametrize(
    ("url", "spelled"),
    [
        ("https://Example.ORG/Path?q=A#part", "example.org/Path?q=A"),
        ("http://example.org/", "example.org"),
        ("example.org", "example.org"),
        ("https://example.org:443/a", "example.org/a"),
        ("http://example.org:443/a", "example.org:443/a"),
        ("https://example.org./a", "example.org/a"),
        ("https://user:secret@example.org/", ""),
        ("ftp://example.org/", ""),
        ("https://[broken", ""),
        ("https://example.org:99999/", ""),
        ("", ""),
    ],
)
def test_one_spelling_of_an_address(url, spelled):
    assert address(url) == spelled


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.org/a.", "example.org/a"),
        ("see example.org, please", "example.org"),
        ("(https://example.org/a_(b))", "example.org/a_(b)"),
        ("[x](https://example.org/a?b=1&c=2) and", "example.org/a?b=1&c=2"),
        ("<https://example.org/a>", "example.org/a"),
        ('"https://example.org:8080/a"', "example.org:8080/a"),
        ("„https://zürich.example/ä“", "zürich.example/ä"),
        ("https://example.org/a!?", "example.org/a"),
    ],
)
def test_addresses_in_a_text(text, found):
    assert found in addresses_in(text)


@pytest.mark.parametrize(
    ("sent", "is_one"),
    [("https://a.test", True), ("file:/etc", True), ("python: how to", False), ("a.test", False)],
)
def test_what_looks_like_an_address(sent, is_one):
    assert is_address(sent) is is_one


def test_no_addresses():
    assert addresses_in("nothing here. At all, 3.1") == frozenset()


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://example.org/a?b=1", True),
        ("http://EXAMPLE.org/a?b=1#x", True),
        ("https://example.org/a?b=2", False),
        ("https://example.org/a", False),
        ("https://example.org/a?b=1&c=", False),
        ("https://example.org.evil.test/a?b=1", False),
        ("https://evil.test/?u=https://example.org/a?b=1", False),
        ("https://example.org@evil.test/a?b=1", False),
    ],
)
def test_only_the_very_address_counts_as_written(url, written):
    known = Known("look at https://example.org/a?b=1 please")
    assert is_written(url, known) is written
    assert is_listed(url, Known(links=addresses_in("[x](https://example.org/a?b=1)"))) is written


def test_a_host_is_named_by_itself_or_by_an_address_of_it():
    known = Known("what is new on example.org and https://Other.test/page?")
    assert names_host("example.org", known)
    assert names_host("other.test", known)
    assert not names_host("evil.test", known)
    assert not names_host("ample.org", known)
    assert not names_host("", known)
    assert host_in("https://Example.org:8080/a?b") == "example.org"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("https://a.test/?q=anna+mueller", ("mueller",)),
        ("https://a.test/?q=%61nna%20%6Dueller", ("mueller",)),
        ("https://a.test/mueller", ()),
        ("https://a.test/?pin=4711", ("4711",)),
        ("https://a.test/?page=2", ()),
        ("https://a.test/?q=dinner", ()),
        ("mueller dinner 4711", ("mueller", "4711")),
        ("Mueller's mueller", ("mueller",)),
        ("unknown words", ()),
        ("", ()),
    ],
)
def test_words_that_stand_only_in_the_notes(sent, words):
    known = Known("where is dinner with Anna?", notes="Anna Mueller, dinner, pin 4711")
    assert borrowed(sent, known) == words


def test_after_private_passages_the_whole_address_is_looked_at():
    known = Known(notes="the secret is swordfish", private=True)
    assert borrowed("https://a.test/swordfish", known) == ("swordfish",)
    assert borrowed("https://swordfish.a.test/", known) == ("swordfish",)


def test_where_nobody_kept_what_was_read_all_but_the_owners_words_count():
    assert borrowed("https://a.test/?q=weather+berlin", Known("weather please")) == ("berlin",)


@given(st.text(max_size=100), st.text(max_size=100))
def test_what_the_owner_wrote_is_never_borrowed(words, notes):
    for known in (Known(words, notes=notes), Known(words)):
        assert borrowed(words, Known(known.words, notes=known.notes, private=True)) == ()


@given(st.text(max_size=200))
def test_any_text_has_some_addresses_or_none(text):
    assert all(each and "@" not in each.partition("/")[0] for each in addresses_in(text))


@pytest.mark.parametrize("text", ["a." * 100_000, "a-" * 100_000, "a.b/" + ")" * 100_000])
def test_addresses_are_found_in_a_time_linear_in_the_text(text):
    begin = time.process_time()
    addresses_in(text)
    assert time.process_time() - begin < 3


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("The door code is 4711.", "4711"),
        ("I bring the blue box tomorrow, see you", "i bring the blue"),
        ("See you tomorrow at the door.", ""),
        ("U3dvcmRmaXNoIGlzIHRoZSBrZXk=", "U3dvcmRmaXNoIGlzIHRoZSBrZXk="),
        ("Donaudampfschifffahrtsgesellschaft", ""),
        ("https://site.test/a/b", ""),
        ("The number is 2024 as you said", ""),
        ("", ""),
    ],
)
def test_what_a_message_would_tell_out_of_the_notes(sent, told):
    known = Known(
        "and 2024", own="Door: 4711. Year 2024. To bring: the blue box. I bring the blue box.", foreign="x"
    )
    assert copied(sent, known) == told
