"""What is done unasked."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from pathlib import Path

import pytest
from tests.support.daemon import settled

from localgpt.app import Assistant
from localgpt.core.errors import EmbeddingError
from localgpt.daemon import tending
from localgpt.memory.embedding import Bundled


def test_background_work_gives_its_result_or_its_error():
    assert asyncio.run(tending.in_background(lambda: 7)) == 7
    with pytest.raises(ZeroDivisionError):
        asyncio.run(tending.in_background(lambda: 1 // 0))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/w/a.md", "a.md"),
        ("/w/knowledge/b.md", "knowledge/b.md"),
        ("/home/.notes/c.md", "c.md"),
        ("/w/.git/index", ""),
        ("/w", ""),
        ("/w/knowledge/.b.md.123.tmp", ""),
    ],
)
def test_only_notes_count(path, name):
    found = tending.notes_in([path], [Path("/w"), Path("/home/.notes")])
    assert found == ({name} if name else set())


def test_an_edited_note_is_indexed_and_told_of(home):
    settled(home)
    told: list[set[str]] = []

    async def whole() -> None:
        async with Assistant(home) as assistant:
            news = asyncio.Event()

            def changed(paths: set[str]) -> None:
                told.append(paths)
                news.set()

            task = asyncio.create_task(tending.Indexing(lambda: assistant, changed).run())
            before = (await assistant.stats()).notes
            for number in range(100):  # the watcher needs a moment before it sees anything
                (home.workspace / "boat.md").write_text(f"The boat is red {number}.\n")
                try:
                    await asyncio.wait_for(news.wait(), 0.5)
                    break
                except TimeoutError:
                    continue
            assert told[0] == {"boat.md"}
            assert (await assistant.stats()).notes == before + 1
            task.cancel()
            await asyncio.wait([task])

    asyncio.run(whole())


def following(home, then) -> None:
    """Run ``then(assistant)`` while the index is kept up to date."""

    async def whole() -> None:
        async with Assistant(home) as assistant:
            index = assistant.index
            task = asyncio.create_task(tending.Indexing(lambda: assistant, lambda _paths: None).run())
            while index._walked is None and index.walk_took == 0:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
            await asyncio.to_thread(then, assistant)
            task.cancel()
            await asyncio.wait([task])

    asyncio.run(asyncio.wait_for(whole(), 20))


def texts(index) -> list[str]:
    with index._open().read() as connection:
        return [text for (text,) in connection.execute("SELECT text FROM chunks")]


def until(what, seconds: float = 5.0) -> float:
    begin = time.perf_counter()
    while not what() and time.perf_counter() - begin < seconds:
        time.sleep(0.001)
    return time.perf_counter() - begin


def test_a_changed_note_is_in_the_index_before_anybody_asks(home):
    settled(home)
    took: list[float] = []

    def edit(assistant: Assistant) -> None:
        for number in range(5):
            (home.workspace / "boat.md").write_text(f"The boat is red {number}.")
            took.append(until(lambda: f"The boat is red {number}." in texts(assistant.index)))  # noqa: B023 - called at once

    following(home, edit)
    assert sorted(took)[2] < 0.5  # a tenth of a second where nothing else runs


@pytest.mark.parametrize("how", ["remote", "too many"])
def test_where_the_system_tells_nothing_files_are_looked_at(home, monkeypatch, how):
    settled(home)
    monkeypatch.setattr(tending, "POLL_EVERY", 0.02)
    monkeypatch.setattr(tending, "_POLL_SHARE", 0)
    if how == "remote":
        monkeypatch.setattr("localgpt.memory.watching.is_remote", lambda _folder: True)
    else:
        monkeypatch.setattr("localgpt.memory.watching._started", full)

    def edit(assistant: Assistant) -> None:
        assert assistant.index._watch is None
        (home.workspace / "boat.md").write_text("The boat is red.")
        assert until(lambda: "The boat is red." in texts(assistant.index)) < 5

    following(home, edit)


def full(_folders: list[str]) -> None:
    raise OSError(28, "OS file watch limit reached")


def test_every_file_is_looked_at_from_time_to_time(home, monkeypatch):
    settled(home)
    monkeypatch.setattr(tending, "SWEEP_EVERY", 0.05)
    monkeypatch.setattr("localgpt.memory.index.CHEAP", 0)
    monkeypatch.setattr("localgpt.memory.watching.Watch._gather", lambda _watch, found: False)

    def edit(assistant: Assistant) -> None:
        monkeypatch.setattr("localgpt.memory.watching.Watch._caught_up", lambda _watch: True)
        (home.workspace / "boat.md").write_text("The boat is red.")
        assert until(lambda: "The boat is red." in texts(assistant.index)) < 5

    following(home, edit)


@pytest.mark.parametrize("replaced", ["workspace", "cache"])
def test_folders_that_were_replaced_are_watched_anew(home, monkeypatch, replaced):
    settled(home)
    monkeypatch.setattr("localgpt.memory.index.CHEAP", 0)

    def edit(assistant: Assistant) -> None:
        before = assistant.index._watch
        folder = home.workspace if replaced == "workspace" else home.cache / "watch"
        shutil.rmtree(folder)
        folder.mkdir()
        assistant.index.catch_up()
        until(lambda: assistant.index._watch not in {before, None})
        (home.workspace / "boat.md").write_text("The boat is red.")
        assert until(lambda: "The boat is red." in texts(assistant.index)) < 4

    following(home, edit)


def test_new_notes_do_not_wait_for_the_vectors_of_old_ones(home, monkeypatch):
    settled(home)
    begun = threading.Event()

    def embed(_index, *, cancelled):
        begun.set()
        until(cancelled)
        return 0

    monkeypatch.setattr("localgpt.memory.index.Index.embed", embed)
    monkeypatch.setattr("localgpt.memory.index.Index.pending", 7)

    def edit(assistant: Assistant) -> None:
        assert begun.wait(5)
        (home.workspace / "boat.md").write_text("The boat is red.")
        assert until(lambda: "The boat is red." in texts(assistant.index)) < 4

    following(home, edit)


@pytest.mark.parametrize("again", [False, True])
def test_a_home_that_is_taken_away_is_noticed(home, again):
    home.state.mkdir(parents=True)
    (home.state / "daemon.lock").touch()

    async def whole() -> None:
        gone = asyncio.Event()
        task = asyncio.create_task(tending.watch_home(home.root, gone.set, every=0.01))
        await asyncio.sleep(0.05)
        assert not gone.is_set()
        shutil.move(home.root, home.root.with_name("away"))
        if again:
            home.state.mkdir(parents=True)
            (home.state / "daemon.lock").touch()
        await asyncio.wait_for(gone.wait(), 5)
        await task

    asyncio.run(whole())


def test_the_embedding_model_rests_only_when_nobody_searched(home):
    settled(home)
    home.config.write_text("")
    assistant = Assistant(home)
    assert not tending.rest_of(assistant, 0)
    embedder = assistant.index.embedder
    assert embedder is not None
    embedder.embed_query("boat")
    assert not tending.rest_of(assistant, 60)
    time.sleep(0.01)
    assert tending.rest_of(assistant, 0)
    assert not tending.rest_of(assistant, 0)
    tending.give_back()
    assistant.close()


def test_changes_are_committed_together_and_soon(home, monkeypatch):
    settled(home)
    monkeypatch.setattr(tending, "COMMIT_AFTER", 0.02)
    commits: list[int] = []
    place = home

    class Keeper:
        home = place

        def keep_history(self) -> int:
            commits.append(1)
            return 1

    async def whole() -> None:
        history = tending.History(Keeper)  # type: ignore[arg-type]
        task = asyncio.create_task(history.run())
        await asyncio.sleep(0.1)
        assert len(commits) == 1  # what the owner did before
        history.changed()
        history.changed()
        await asyncio.sleep(0.1)
        assert len(commits) == 2
        task.cancel()

    asyncio.run(whole())


def test_conversations_at_rest_are_settled_from_time_to_time():
    looks: list[int] = []

    class Settler:
        async def settle_rested(self) -> None:
            looks.append(1)

    async def whole() -> None:
        task = asyncio.create_task(tending.settle(Settler, every=0.01))  # type: ignore[arg-type]
        while len(looks) < 3:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(asyncio.wait_for(whole(), 5))


def test_warming_up_looks_something_up(home):
    settled(home)
    assistant = Assistant(home)
    assistant.start()
    tending.warm_up(assistant)
    assert "searcher" in vars(assistant)
    assistant.close()


def test_an_embedding_model_out_of_reach_does_not_end_the_watch(home):
    settled(home)

    def edit(assistant: Assistant) -> None:
        asked: list[int] = []

        def unreachable(**_: object) -> int:
            asked.append(1)
            raise EmbeddingError("It can't be reached.")

        assistant.index.embedder = Bundled()
        assistant.index.embed = unreachable  # type: ignore[method-assign]
        for number in range(3):
            (home.workspace / "boat.md").write_text(f"The boat is red {number}.")
            assert until(lambda: f"The boat is red {number}." in texts(assistant.index)) < 5  # noqa: B023 - called at once
        assert asked

    following(home, edit)
