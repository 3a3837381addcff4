"""Frames, however they are cut in pieces."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.daemon import wire

TEXTS = st.lists(st.text(st.characters(codec="utf-8")), max_size=5)


@given(st.integers(0, 9), TEXTS, st.integers(1, 7))
def test_what_is_packed_arrives_in_any_pieces(kind, texts, most):
    stream = io.BytesIO(wire.packed(kind, texts) + wire.packed(wire.GO))
    read = lambda wanted: stream.read(min(wanted, most))  # noqa: E731
    assert wire.receive(read) == wire.Frame(kind, tuple(texts))
    assert wire.receive(read) == wire.Frame(wire.GO, ())


def test_odd_file_names_survive():
    odd = b"caf\xe9".decode("utf-8", "surrogateescape")
    assert wire.receive(io.BytesIO(wire.packed(wire.HELLO, [odd])).read).texts == (odd,)


@given(st.binary(max_size=40))
def test_anything_else_is_garbled_or_gone(data):
    try:
        wire.receive(io.BytesIO(data).read)
    except (wire.Garbled, wire.Gone):
        return
    assert len(data) >= wire.HEAD


def test_a_frame_that_is_too_large_is_not_waited_for():
    with pytest.raises(wire.Garbled):
        wire.receive(io.BytesIO(b"\x00\xff\xff\xff\xff").read)


def test_a_frame_may_have_begun_already():
    data = wire.packed(wire.ANSWER, ["yes"])
    assert wire.receive(io.BytesIO(data[3:]).read, data[:3]).texts == ("yes",)
