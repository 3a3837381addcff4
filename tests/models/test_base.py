from __future__ import annotations

import asyncio

import pytest

from localgpt.agent.metering import Meter
from localgpt.app.trial import _Timed
from localgpt.core.events import TextDelta
from localgpt.models.base import Engine, Request, Wrapper, takes
from localgpt.models.recall import Recall
from localgpt.models.retrying import Chain, Retrying
from localgpt.models.scripted import Scripted


@pytest.mark.parametrize("wrap", [Wrapper, Retrying, Meter, _Timed, lambda engine: Chain([engine, Recall()])])
def test_an_engine_around_another_is_what_that_one_is(wrap):
    inner = Scripted("Hello.", name="a", local=False, context_window=8_192, takes=["image/png"])
    outer: Engine = wrap(inner)
    assert (outer.name, outer.local, outer.context_window) == ("a", False, 8_192)
    assert takes(outer, "image/png")
    assert not takes(outer, "application/pdf")

    async def said() -> str:
        events = [event async for event in outer.request(Request((), (), ()))]
        await outer.aclose()
        return "".join(event.text for event in events if isinstance(event, TextDelta))

    assert asyncio.run(said()) == "Hello."


def test_an_engine_that_says_nothing_of_attachments_takes_none():
    assert not takes(Wrapper(Recall()), "image/png")


def test_closing_closes_the_engine():
    closed: list[bool] = []

    class Closing(Scripted):
        async def aclose(self) -> None:
            closed.append(True)

    asyncio.run(Wrapper(Closing()).aclose())
    assert closed == [True]
