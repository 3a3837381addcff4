"""A command as it is handed over."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt import __version__
from localgpt.daemon import request, wire
from localgpt.daemon.request import Request, Stream

WORD = st.text(max_size=8)
PAIRS = st.dictionaries(WORD, WORD, max_size=3)
STREAM = st.builds(Stream, WORD, WORD)


@given(
    st.builds(
        Request,
        st.lists(WORD, max_size=4).map(tuple),
        WORD,
        WORD,
        WORD,
        st.integers(0, 0o777),
        PAIRS,
        PAIRS,
        st.tuples(STREAM, STREAM, STREAM),
    )
)
def test_what_is_packed_is_unpacked(asked):
    assert Request.unpacked(asked.packed()) == asked


@given(st.lists(WORD, max_size=20))
def test_anything_else_is_garbled(texts):
    with pytest.raises(wire.Garbled):
        Request.unpacked(texts)


def test_the_request_of_this_process(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    environ = {"NO_COLOR": "1", "HOME": "/home/me", "OPENAI_API_KEY": "sk-1", "PATH": "/bin", "OTHER": "x"}
    asked = request.here(["search", "x"], ("/h", ""), environ, models=False)
    assert (asked.arguments, asked.home, asked.folder, asked.version) == (
        ("search", "x"),
        "/h",
        str(tmp_path),
        __version__,
    )
    assert asked.screen == {"NO_COLOR": "1"}
    assert asked.world == {"HOME": "/home/me"}
    thinking = request.here(["ask", "x"], ("/h", ""), environ, models=True)
    assert thinking.world == {"HOME": "/home/me", "OPENAI_API_KEY": "sk-1", "PATH": "/bin", "": ""}


def test_a_folder_that_is_gone_is_nowhere(monkeypatch, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert request.here([], ("", ""), {}, models=False).folder == ""


def test_asking_for_the_umask_changes_nothing():
    before = os.umask(0o027)
    try:
        assert request.umask() == 0o027
        assert request.umask() == 0o027
    finally:
        os.umask(before)


def test_streams_that_are_closed_are_empty():
    assert Stream.of(None) == ("", "")
