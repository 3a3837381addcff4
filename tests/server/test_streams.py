"""Server-sent events: going on from anywhere, rendered blocks, silence, and text that no reader could take."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.events import Retracted, TextDelta, ToolStarted, TurnFinished, TurnStarted
from localgpt.core.values import Stop, ToolCall
from localgpt.server import rendering, streams
from localgpt.server.rendering import render
from localgpt.server.streams import Blocks


class Told:
    """A turn whose events are all there."""

    id, session_id, failure, done = "t", "s", None, True

    def __init__(self, *events):
        self.leads = None
        self.every = events

    @property
    def last(self):
        return len(self.every)

    def since(self, after):
        return list(enumerate(self.every, 1))[after:]

    async def news(self, after, timeout=None):  # noqa: ASYNC109 - as the real one
        await asyncio.sleep(timeout or 0)


def heard(live, after=0, **options):
    async def run():
        return "".join([part async for part in streams.told(live, after, **options)])

    frames = [part for part in asyncio.run(run()).split("\n\n") if part]
    assert frames.pop() == "data: [DONE]"
    return [json.loads(frame.partition("data: ")[2]) for frame in frames if not frame.startswith(":")]


def ending(text):
    return TurnFinished("t", "s", "m", text, Stop.DONE)


STARTED = TurnStarted("t", "s", "m")
USED = ToolStarted(ToolCall("c", "x", {}))
WORDS = st.text("ab *_`#\n-1.>|[]()é", max_size=30)
EVENTS = st.lists(st.one_of(WORDS.map(TextDelta), st.just(Retracted()), st.just(USED)), max_size=12)


@given(EVENTS, st.integers(0, 14))
def test_what_a_reader_has_of_the_blocks_is_the_same_wherever_it_goes_on(events, after):
    live = Told(STARTED, *events, ending("x"))
    shown: dict[int, str] = {}
    if after:
        for frame in heard(Told(*live.every[:after]), rendered=True):
            take(shown, frame)
    for frame in heard(live, min(after, live.last - 1), rendered=True):
        take(shown, frame)
    fresh: dict[int, str] = {}
    for frame in heard(live, rendered=True):
        take(fresh, frame)
    assert shown == fresh


def take(shown, frame):
    if frame["type"] == "html" and frame["html"]:
        shown[frame["block"]] = frame["html"]
    elif frame["type"] == "html":
        shown.pop(frame["block"], None)
    elif frame["type"] == "retracted":
        for block in [block for block in shown if block >= frame["block"]]:
            del shown[block]


def test_the_whole_is_what_was_said_and_not_taken_back():
    blocks = Blocks()
    blocks.add("*one*")
    blocks.cut()
    blocks.add("gone")
    blocks.changed()
    assert blocks.retract() == 1
    blocks.add("two")
    assert blocks.whole() == render("*one*\n\ntwo")


def test_nothing_is_rendered_in_the_event_loop(monkeypatch):
    looping: list[bool] = []

    def seen(work):
        def call(*args, **named):
            looping.append(asyncio._get_running_loop() is not None)
            return work(*args, **named)

        return call

    monkeypatch.setattr(streams, "render", seen(rendering.render))
    monkeypatch.setattr(rendering.Growing, "feed", seen(rendering.Growing.feed))
    events = (STARTED, TextDelta("*one*"), USED, TextDelta("two"), TextDelta("three"), ending("x"))
    for after in (0, 2):
        heard(Told(*events), after, rendered=True)
    assert looping == [False] * len(looping)
    assert len(looping) > 4


def test_without_rendering_there_is_no_html():
    assert not [frame for frame in heard(Told(STARTED, TextDelta("*x*"), ending("*x*"))) if "html" in frame]


def test_what_no_reader_could_take_is_replaced():
    frame = json.loads(streams.sound({"a": "x\ud800", "b": float("nan")}))
    assert frame["b"] is None
    frame["a"].encode()


def test_where_to_go_on():
    assert streams.number_after("t", 7, "t:3") == 7
    assert streams.number_after("t", None, "t:3") == 3
    for header in ("", "other:3", "t:", "t:x", "t:" + "9" * 40, "t:-1"):
        assert streams.number_after("t", None, header) == 0


def test_silence_is_filled(monkeypatch):
    monkeypatch.setattr(streams, "KEEP_ALIVE", 0.01)
    live: Any = Told(STARTED)
    live.done = False

    async def run():
        stream = streams.told(live)
        return [await anext(stream) for _ in range(3)]

    assert asyncio.run(run())[2] == streams.COMMENT
