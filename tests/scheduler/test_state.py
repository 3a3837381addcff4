"""What the heartbeat remembers, on disk and in time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localgpt.app import Assistant
from localgpt.core.errors import StorageError
from localgpt.scheduler.state import DAMAGED, PAUSED_FOR, TOLD_ONCE, Ran, State, load, mended, save

MOMENTS = st.none() | st.floats(0, 4e9, allow_nan=False)
RAN = st.builds(
    Ran,
    MOMENTS,
    MOMENTS,
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
    st.text(max_size=5),
    MOMENTS,
    st.booleans(),
    st.text(max_size=5),
    st.integers(0, 5),
    MOMENTS,
    st.text(max_size=5),
)
STATES = st.builds(
    State,
    st.dictionaries(st.text(max_size=5), RAN, max_size=3),
    st.booleans(),
    st.dictionaries(st.text(max_size=5), st.floats(0, 4e9), max_size=3),
)


@settings(max_examples=30)
@given(STATES.filter(lambda one: "\ud800" not in repr(one)))
def test_what_is_saved_is_loaded(tmp_path_factory, state):
    path = tmp_path_factory.mktemp("state") / "heartbeat.json"
    save(path, state)
    assert load(path) == state
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"ran": 5}',
        '{"ran": {"a": {"last": "x"}}}',
        '{"ran": {"a": {"last": NaN}}}',
        '{"ran": {"a": {"failures": "x"}}}',
        '{"ran": {"a": {"seen": 5}}}',
        '{"ran": {"a": {"session": 5}}}',
        '{"ran": {}, "told": {"a": "b"}}',
        '{"ran": {}, "paused": "yes"}',
    ],
    ids=range(13),
)
def test_what_is_not_ours_is_put_aside_and_pauses(tmp_path, text):
    path, aside = tmp_path / "heartbeat.json", tmp_path / "aside.json"
    assert load(path) == State()
    assert mended(path, aside) == (State(), False)
    path.write_text(text)
    assert load(path) == State(paused=True, damaged=True)
    assert path.read_text() == text
    assert mended(path, aside) == (DAMAGED, True)
    assert mended(path, aside) == (load(path), False) == (DAMAGED, False)
    assert (aside.read_text(), aside.stat().st_mode & 0o777) == (text, 0o600)


def test_what_the_disk_does_not_give_is_not_forgotten(tmp_path):
    path = tmp_path / "heartbeat.json"
    path.mkdir()
    for read in (load, lambda path: mended(path, tmp_path / "aside.json")):
        with pytest.raises(StorageError):
            read(path)
    assert list(tmp_path.iterdir()) == [path]


@given(STATES, st.floats(0, 4e9))
def test_nothing_lies_in_the_future_of_the_clock(state, now):
    seen = state.at(now)
    assert seen.at(now) is seen
    for one in seen.ran.values():
        assert all(moment is None or moment <= now for moment in (one.last, one.checked, one.started))
        assert one.retry is None or one.retry <= now + PAUSED_FOR
    assert all(moment <= now for moment in seen.told.values())


def test_each_failure_waits_twice_as_long_and_the_third_a_day():
    ran, waits = Ran(last=5.0, session="s", started=1.0), []
    for _ in range(4):
        ran = ran.failed(1000.0, 60.0, "Oh.")
        waits.append((ran.retry or 0) - 1000.0)
    assert waits == [60.0, 120.0, PAUSED_FOR, PAUSED_FOR]
    assert (ran.last, ran.session, ran.given_up) == (5.0, "", True)


def test_a_text_is_told_once_a_day():
    state, first = State().telling("a", 0.0)
    state, again = state.telling("a", TOLD_ONCE - 1)
    state, other = state.telling("b", TOLD_ONCE - 1)
    state, later = state.telling("a", TOLD_ONCE)
    assert (first, again, other, later) == (True, False, True, True)
    assert set(state.told) == {"a", "b"}


def test_a_memory_that_is_damaged_pauses_until_resumed_and_is_told_once(world, caplog):
    world.write("- [ ] a")
    world.says("DONE")
    world.home.state.mkdir()
    (world.home.state / "heartbeat.json").write_text('{"ran": {"a')
    for _ in range(3):
        assert world.beat().reason == "damaged"
        world.later(minutes=30)
    (kept,) = world.home.state.glob("heartbeat.damaged-*.json")
    assert kept.read_text() == '{"ran": {"a'

    async def told(assistant: Assistant) -> tuple[str, ...]:
        found = assistant.heartbeat.status()
        assert (found.paused, found.state, "could not be read" in found.text) == (True, "damaged", True)
        return tuple(item.text for item in assistant.inbox.items())

    (text,) = world.run(told)
    assert kept.name in text
    assert [one.levelname for one in caplog.records if kept.name in one.message] == ["WARNING"]

    async def resume(assistant: Assistant) -> None:
        assistant.heartbeat.pause(False)

    world.run(resume)
    assert world.beat().status == "ok"


def test_resuming_first_puts_a_damaged_memory_aside_too(world):
    world.write("- [ ] a")
    world.says("DONE")
    world.home.state.mkdir()
    (world.home.state / "heartbeat.json").write_text("?")

    async def resume(assistant: Assistant) -> int:
        assistant.heartbeat.pause(False)
        return len(assistant.inbox.items())

    assert world.run(resume) == 1
    assert len(list(world.home.state.glob("heartbeat.damaged-*.json"))) == 1
    assert world.beat().status == "ok"
