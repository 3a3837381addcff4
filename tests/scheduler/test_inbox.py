"""The items of the inbox on disk: whole, bounded, without secrets."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from localgpt.core.errors import NotFound, StorageError, UsageError
from localgpt.scheduler.inbox import Box, Call, ItemKind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CALL = Call("write_file", {"path": "SOUL.md", "content": "Be kind."}, (("writes", "SOUL.md"),))
SECRET = "sk-ant-" + "a1" * 20


@pytest.fixture
def box(tmp_path) -> Box:
    return Box(tmp_path / "inbox.json", clock=lambda: NOW, secrets=("swordfish-1",))


def test_an_item_is_kept_private_and_as_it_was(box, tmp_path):
    item = box.add(ItemKind.QUESTION, "May\nit?", "Why.", call=CALL, task="t", key="k", session="s", turn="u")
    assert box.items() == (item,)
    assert box.get(item.id[:3]) == item
    assert item.title == "May it?"
    assert item.as_json()["call"]["effects"] == [["writes", "SOUL.md"]]
    assert (tmp_path / "inbox.json").stat().st_mode & 0o777 == 0o600


def test_the_newest_comes_first_and_what_is_answered_goes(box):
    first, second = (box.add(ItemKind.MESSAGE, title) for title in "ab")
    assert [item.id for item in box.items()] == [second.id, first.id]
    box.close(first.id, "dismissed", "out")
    assert [item.id for item in box.items()] == [second.id]
    assert [item.state for item in box.items(closed=True)] == ["open", "dismissed"]
    with pytest.raises(UsageError, match="answered already"):
        box.close(first.id, "allowed")


def test_the_same_call_is_asked_once(box):
    first = box.add(ItemKind.QUESTION, "a", call=CALL, key="k")
    assert box.add(ItemKind.QUESTION, "b", call=CALL, key="k") == first
    assert box.add(ItemKind.QUESTION, "b", call=CALL, key="other") != first
    box.close(first.id, "dismissed")
    assert box.add(ItemKind.QUESTION, "b", call=CALL, key="k") != first
    assert [item.id for item in box.answered("k")] == [first.id]


@pytest.mark.parametrize(
    "arguments",
    [
        {"text": f"key {SECRET}"},
        {"text": "my swordfish-1"},
        {"list": ["a", {"b": SECRET}]},
    ],
)
def test_secrets_never_stand_in_it_and_such_a_call_is_not_whole(box, tmp_path, arguments):
    item = box.add(ItemKind.QUESTION, f"t {SECRET}", "x swordfish-1", call=Call("t", arguments))
    kept = (tmp_path / "inbox.json").read_text()
    assert SECRET not in kept
    assert "swordfish-1" not in kept
    assert item.call is not None
    assert item.call.whole is False


@pytest.mark.parametrize("reference", ["", "zz", "..", "*"])
def test_what_is_not_there_is_not_found(box, reference):
    box.add(ItemKind.MESSAGE, "a")
    with pytest.raises(NotFound):
        box.get(reference)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "[" * 100_000, '{"items": [{}]}', '{"items": [{"id": 1, "time": "never"}]}'],
    ids=range(6),
)
def test_what_is_not_ours_is_put_aside_and_not_overwritten(box, tmp_path, text):
    (tmp_path / "inbox.json").write_text(text)
    assert box.items() == ()
    box.add(ItemKind.MESSAGE, "a")
    assert len(box.items()) == 1
    assert [path.read_text() for path in tmp_path.glob("inbox.damaged-*")] == [text]


def test_it_is_bounded(box, monkeypatch):
    monkeypatch.setattr("localgpt.scheduler.inbox.MOST_CLOSED", 2)
    for _ in range(4):
        box.close(box.add(ItemKind.MESSAGE, "a").id, "dismissed")
    box.add(ItemKind.MESSAGE, "b")
    assert len(box.items(closed=True)) == 3
    monkeypatch.setattr("localgpt.scheduler.inbox.MOST_OPEN", 1)
    with pytest.raises(StorageError, match="full"):
        box.add(ItemKind.MESSAGE, "c")


def test_several_add_at_once_and_nothing_is_lost(box):
    workers = [
        threading.Thread(target=lambda: [box.add(ItemKind.MESSAGE, "a") for _ in range(5)]) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(box.items()) == 20
