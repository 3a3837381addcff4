"""Following, resuming and stopping turns over a real connection."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.server.conftest import eventually, frames

from localgpt.core.events import TextDelta
from localgpt.core.values import Stop, Usage
from localgpt.models.base import Finished


@pytest.fixture
def held(own):
    """A turn that has said two words and waits; ``release`` lets it say the third."""
    gate = threading.Event()

    def slow(_request):
        yield TextDelta("one ")
        yield TextDelta("*two* ")
        while not gate.is_set():
            yield TextDelta("")
        yield TextDelta("three")
        yield Finished(Stop.DONE, Usage())

    own.engine.say(slow)
    own.engine.pause = 0.005
    with own.api.stream("POST", "/api/chat/stream", json={"message": "x"}) as answer:
        stream = frames(answer)
        opening = next(stream)
        own.turn_id, own.session_id = opening["turn_id"], opening["session_id"]
        own.last = next(frame["id_of_frame"] for frame in stream if frame.get("delta") == "*two* ")
    own.release = gate.set
    yield own
    gate.set()


def resumed(server, turn_id, path="", **options):
    with server.api.stream("GET", f"/api/turns/{turn_id}/events{path}", **options) as answer:
        assert answer.status_code == 200
        return list(frames(answer))


def test_a_reader_who_lost_its_connection_goes_on_without_gap_or_repetition(held):
    held.release()
    number = held.last.partition(":")[2]
    found = resumed(held, held.turn_id, f"?after={number}")
    assert "".join(frame["delta"] for frame in found if frame["type"] == "content") == "three"
    assert found[-2]["response"] == "one *two* three"
    by_header = resumed(held, held.turn_id, headers={"Last-Event-ID": held.last})
    assert [frame["type"] for frame in by_header] == [frame["type"] for frame in found]
    other = resumed(held, held.turn_id, headers={"Last-Event-ID": "another:3"})
    assert "".join(frame["delta"] for frame in other if frame["type"] == "content") == "one *two* three"


def test_every_place_to_go_on_from_gives_the_rest(held):
    held.release()
    every = resumed(held, held.turn_id)
    ids = [frame["id_of_frame"] for frame in every]
    for at, place in enumerate(ids):
        rest = resumed(held, held.turn_id, headers={"Last-Event-ID": place})
        kinds = [frame["type"] for frame in rest]
        wanted = [frame["type"] for frame in every[at + 1 :]]
        assert kinds[0] == "session"
        assert kinds[-len(wanted) :] == wanted if wanted else kinds == ["session"]


def test_a_reader_who_comes_back_gets_the_rendered_blocks_again(held):
    held.release()
    number = held.last.partition(":")[2]
    found = resumed(held, held.turn_id, f"?after={number}&render=1")
    html = [frame for frame in found if frame["type"] == "html"]
    assert html[0]["html"].startswith("<p>one <em>two</em>")
    assert html[-1]["html"].strip() == "<p>one <em>two</em> three</p>"


def test_two_tabs_read_the_same_turn(held):
    def read():
        return resumed(held, held.turn_id)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(read), pool.submit(read)]
        held.release()
        first, second = (each.result() for each in both)
    texts = ["".join(f.get("delta", "") for f in one if f["type"] == "content") for one in (first, second)]
    assert texts == ["one *two* three"] * 2


def test_stopping_keeps_what_came_and_all_readers_hear_of_it(held):
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(resumed, held, held.turn_id)
        stopped = held.api.post(f"/api/turns/{held.turn_id}/stop").json()
        assert stopped["done"] is True
        found = reading.result()
    assert found[-2]["stop"] == "cancelled"
    said = held.api.get(f"/api/sessions/{held.session_id}/messages").json()["messages"]
    assert [one["content"] for one in said] == ["x", "one *two* "]
    assert said[1]["stop"] == "aborted"
    assert held.api.post(f"/api/turns/{held.turn_id}/stop").json()["done"] is True


def test_other_requests_are_answered_while_a_turn_runs(held):
    assert held.api.get("/api/status").json()["running_turns"] == 1
    listed = held.api.get("/api/sessions").json()["sessions"]
    assert [one["running"] for one in listed] == [True]
    for action in ("clear", "rewind", "retry", "branch", "compact"):
        answer = held.api.post(f"/api/sessions/{held.session_id}/{action}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict"), action
    assert held.api.delete(f"/api/sessions/{held.session_id}").status_code == 409
    held.release()
    eventually(lambda: not held.api.get("/api/status").json()["running_turns"])


@pytest.mark.parametrize("path", ["nobody/events", "..%2f..%2fetc/events", "x" * 3000 + "/events"])
def test_a_turn_that_is_not_there(api, path):
    answer = api.get(f"/api/turns/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("after", ["-1", "x", "9" * 30])
def test_a_number_that_is_none(held, after):
    answer = held.api.get(f"/api/turns/{held.turn_id}/events?after={after}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
