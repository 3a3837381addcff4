"""A server on this machine that makes vectors in OpenAI's way, of the words alone, and fails as a test tells it to."""

from __future__ import annotations

import json
import threading
from array import array
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.support.notebook import WordVectors

Answer = tuple[int, object]
"""A status, and what is sent as JSON (a text as it is)."""


class EmbeddingServer:
    """``url`` is the base address; ``requests`` are the bodies that came, ``headers`` those of the last one.

    ``replies`` are given first, one a request: an answer, or a function that makes one of the body.
    """

    def __init__(self, name: str = "served") -> None:
        self.words = WordVectors(name)
        self.requests: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.replies: list[Answer | Callable[[dict[str, Any]], Answer]] = []

    @property
    def texts(self) -> list[str]:
        """All that was embedded."""
        return [text for request in self.requests for text in request["input"]]

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.requests.append(body)
                outer.headers = {name.lower(): value for name, value in self.headers.items()}
                reply = outer.replies.pop(0) if outer.replies else outer.vectors
                status, answer = reply(body) if callable(reply) else reply
                data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
                self.send_response(status if self.path == "/v1/embeddings" else 404)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def vectors(self, body: dict[str, Any]) -> Answer:
        """The usual answer, in any order, three times as long as it should be."""
        rows = [
            {"index": place, "embedding": [3 * value for value in array("f", self.words.embed_query(text))]}
            for place, text in enumerate(body["input"])
        ]
        return 200, {"data": rows[::-1], "model": body["model"]}
