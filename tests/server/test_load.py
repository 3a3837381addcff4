"""A hundred chats on a slow model at once: everybody else is served as before."""

from __future__ import annotations

import statistics
import threading
import time

import pytest
from tests.server.conftest import eventually, running

CONFIG = '[memory]\nembedding_provider = "none"\n[server]\nrequests_per_minute = 0\n'


def median(server, path):
    """The median of twenty answers, in seconds."""
    found = []
    for _ in range(20):
        began = time.perf_counter()
        assert server.api.get(path).status_code == 200
        found.append(time.perf_counter() - began)
    return statistics.median(found)


@pytest.mark.slow
def test_a_hundred_slow_chats_hold_up_neither_search_nor_status(tmp_path):
    paths = ("/api/status", "/api/memory/search?q=sencha", "/api/sessions")

    def chat():
        said = {"message": "word " * 12, "render": True}
        with server.client(token=True).stream("POST", "/api/chat/stream", json=said) as answer:
            ended.append("[DONE]" in list(answer.iter_lines())[-2])

    ended: list[bool] = []
    with running(tmp_path / "home", config=CONFIG, pause=0.3) as server:
        server.note("tea.md", "# Tea\n\nSencha at 70 degrees.\n")
        assert server.api.get(paths[1]).json()["results"]
        before = {path: median(server, path) for path in paths}
        threads = [threading.Thread(target=chat) for _ in range(100)]
        for thread in threads:
            thread.start()
        eventually(lambda: len(server.engine.requests) == 100, 20)
        for path in paths:
            assert median(server, path) < 3 * before[path] + 0.01, path
        for thread in threads:
            thread.join()
    assert ended == [True] * 100
