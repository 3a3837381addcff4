"""A function of whoever uses the assistant from Python answers its questions; other doors may be faster."""

from __future__ import annotations

import asyncio

import pytest
from tests.agent.approving import approval

from localgpt.agent.approvals import Approvals
from localgpt.app.approving import asked_of
from localgpt.core.journal import Journal
from localgpt.core.values import Answer, Choice


@pytest.fixture
def desk(tmp_path):
    return Approvals(tmp_path / "approvals", Journal(tmp_path / "journal"))


def test_it_is_shown_the_call_and_its_answer_counts(desk):
    seen = []

    def approve(question):
        seen.append(question)
        return Answer(Choice.ONCE)

    async def later(question):
        return approve(question)

    for one in (approve, later):
        assert asyncio.run(asked_of(desk, one)(approval(f"id{len(seen)}"))) == Answer(Choice.ONCE)
    assert [each.call for each in seen] == [approval().call] * 2


def test_another_door_may_be_faster(desk):
    async def work():
        async def never(_question):
            await asyncio.sleep(60)

        task = asyncio.create_task(asked_of(desk, never)(approval()))
        for _ in range(5):
            await asyncio.sleep(0)
        await asyncio.to_thread(desk.answer, "abcd1234", Answer(Choice.NO, door="page"))
        return await task

    assert asyncio.run(work()).door == "page"


def test_what_goes_wrong_in_it_is_told_and_closes_the_question(desk):
    def broken(_question):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(asked_of(desk, broken)(approval()))
    assert desk.open() == desk.orphans() == ()
