"""No model is given a key: not by notes, files, tools or the owner's own words."""

from __future__ import annotations

import asyncio

from localgpt.agent.metering import Meter
from localgpt.agent.withholding import SAID, says_key, without_keys
from localgpt.core.events import Notice
from localgpt.core.values import Hit, Message, Piece, PieceKind, Role, Text, ToolResult
from localgpt.models.base import Request
from localgpt.models.scripted import Scripted

KEY = "sk-ant-api03-" + "Zx9" * 12
GONE = "[redacted:anthropic-key]"


def request(*messages: Message, piece: str = "") -> Request:
    hit = Hit("a.md", 1, 1, piece, 1.0, "notes")
    pieces = (Piece(PieceKind.PASSAGE, piece, "found", hit=hit),) if piece else ()
    return Request(pieces, messages, ())


def said(text: str) -> Message:
    return Message(Role.USER, (Text(text),))


def test_keys_in_notes_words_and_results_become_their_kind():
    result = Message(Role.TOOL, (ToolResult("1", "read_file", f"key: {KEY}"),))
    clean = without_keys(request(said(f"use {KEY}"), result, piece=f"the key is {KEY}."))
    assert clean.pieces[0].text == f"the key is {GONE}."
    assert clean.pieces[0].hit is not None
    assert clean.pieces[0].hit.text == f"the key is {GONE}."
    assert clean.messages[0].text == f"use {GONE}"
    assert clean.messages[1].blocks == (ToolResult("1", "read_file", f"key: {GONE}"),)


def test_what_holds_none_is_the_very_same():
    plain = request(said("the door's code is 4711, wifi password: sunny-day-42"), piece="hello")
    clean = without_keys(plain)
    assert clean == plain
    assert clean.messages[0] is plain.messages[0]


def test_only_the_newest_words_are_told_of():
    assert says_key(request(said(KEY)))
    assert not says_key(request(said(KEY), Message(Role.ASSISTANT, (Text("ok"),)), said("and now?")))
    assert not says_key(request())


def test_whoever_is_asked_through_a_meter_gets_none_and_the_owner_is_told():
    engine = Scripted("fine")

    async def ask() -> list[object]:
        return [event async for event in Meter(engine).request(request(said(f"note {KEY}"), piece=KEY))]

    events = asyncio.run(ask())
    assert KEY not in repr(engine.requests)
    assert [event.text for event in events if isinstance(event, Notice)] == [SAID]


def test_what_no_eye_sees_no_model_reads():
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    clean = without_keys(request(said(f"pasted{hidden}"), piece=f"note{hidden}\u200bs 👩‍👩‍👧"))
    assert clean.messages[0].text == "pasted"
    assert clean.pieces[0].text == "notes 👩‍👩‍👧"
    assert not says_key(request(said(f"pasted{hidden}")))
