"""Vectors from a server that speaks as OpenAI does (``POST …/embeddings``): Ollama's, a vendor's, one of the owner's own.

Many texts a request, a bounded number of tries, vectors scaled to length one. After a failure nothing is asked for a
while: a search must not wait for a server that is not there. What goes to another machine has its secrets taken out.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from array import array
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from localgpt.core.errors import EmbeddingError, LocalGPTError
from localgpt.core.outbound import explained
from localgpt.core.redact import redact
from localgpt.memory.embedding import Remembered
from localgpt.memory.prefixes import prefixes

if TYPE_CHECKING:
    import httpx2

AT_ONCE = 32
"""Texts in one request."""
TRIES = 3
"""How often passages are sent before the server counts as failing; a question is sent once."""
PATIENCE = 60.0
QUESTION_PATIENCE = 10.0
REST = 30.0
"""Seconds in which a server that has failed is not asked again."""
_LONGEST_WAIT = 20.0
_LONGEST_QUESTION = 2000
_PROBE = "How long is a vector?"
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Place:
    """One embedding model at one server. ``name`` is ``provider/model``, ``url`` the base that ``/embeddings`` follows,
    ``local`` whether it is this machine, ``advice`` what to do when it can't be reached.
    """

    name: str
    url: str
    model: str
    key: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    local: bool = False
    advice: str = "See that the server runs."


class _Failed(Exception):
    """A request that brought nothing; ``wait`` seconds before the next try, ``None`` where another one is no use."""

    def __init__(self, reason: str, wait: float | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class Served:
    """The model at ``place``; ``client`` makes the HTTP client (``Outbound.client``)."""

    at_once = AT_ONCE

    def __init__(self, place: Place, client: Callable[[str], httpx2.AsyncClient]) -> None:
        self.name = place.name
        self.local = place.local
        self._place = place
        self._client = client
        self._query, self._passage = prefixes(place.model)
        self._remembered = Remembered()
        self._dimensions = 0
        self._failure: tuple[float, EmbeddingError] | None = None

    @property
    def dimensions(self) -> int:
        """Numbers in a vector; the server is asked where nobody has yet. Raises ``EmbeddingError``."""
        if not self._dimensions:
            self._embed([_PROBE], TRIES, PATIENCE)
        return self._dimensions

    def embed_documents(self, texts: Sequence[str]) -> list[bytes]:
        """A vector for each passage. Raises ``EmbeddingError``."""
        found: list[bytes] = []
        for begin in range(0, len(texts), AT_ONCE):
            some = [self._passage + self._clean(text) for text in texts[begin : begin + AT_ONCE]]
            found += self._embed(some, TRIES, PATIENCE)
        return found

    def embed_query(self, text: str) -> bytes:
        """The vector of a question. Raises ``EmbeddingError``."""
        asked = self._query + self._clean(text[:_LONGEST_QUESTION])
        return self._remembered.get(asked, lambda words: self._embed([words], 1, QUESTION_PATIENCE)[0])

    def rest(self, before: float) -> bool:  # noqa: ARG002 - the shape that the daemon calls
        """Nothing is held that memory could be won from."""
        return False

    def _clean(self, text: str) -> str:
        whole = text[:20_000].encode("utf-8", "replace").decode("utf-8").strip() or "-"
        return whole if self.local else redact(whole)

    def _embed(self, texts: Sequence[str], tries: int, patience: float) -> list[bytes]:
        if self._failure and time.monotonic() < self._failure[0]:
            raise self._failure[1]
        self._failure = None
        try:
            vectors = _run(self._asked(texts, tries, patience))
        except _Failed as failed:
            error = EmbeddingError(
                f"The embedding model {self.name} gave no vectors: {failed.reason}.", hint=self._place.advice
            )
            self._failure = (time.monotonic() + REST, error)
            raise error from None
        self._check_length(vectors)
        return vectors

    def _check_length(self, vectors: Sequence[bytes]) -> None:
        lengths = {len(vector) // 4 for vector in vectors}
        known = self._dimensions or min(lengths)
        if lengths != {known}:
            raise EmbeddingError(
                f"{self.name} gives vectors of {max(lengths)} numbers, and gave some of {known} before.",
                hint="It is another model now: localgpt memory reindex --force",
            )
        self._dimensions = known

    async def _asked(self, texts: Sequence[str], tries: int, patience: float) -> list[bytes]:
        async with self._client(f"embedding with {self.name}") as client:
            for left in reversed(range(tries)):
                try:
                    return await self._once(client, texts, patience)
                except _Failed as failed:
                    if failed.wait is None or not left:
                        raise
                    await asyncio.sleep(failed.wait)
        raise AssertionError  # the last try returns or raises

    async def _once(self, client: httpx2.AsyncClient, texts: Sequence[str], patience: float) -> list[bytes]:
        place = self._place
        bearer = {"Authorization": f"Bearer {place.key}"} if place.key else {}
        try:
            with explained(client_host(place.url)):
                answer = await client.post(
                    f"{place.url}/embeddings",
                    json={"model": place.model, "input": list(texts), "encoding_format": "float"},
                    headers={**bearer, **place.headers},
                    timeout=patience,
                )
        except LocalGPTError as error:
            raise _Failed(error.message.rstrip("."), 0.3) from None
        if answer.status_code != 200:
            raise _refusal(answer.status_code, answer.headers.get("retry-after", ""), _said(answer))
        return _vectors(_json(answer), len(texts))


def client_host(url: str) -> str:
    """The machine that an address names."""
    return urlsplit(url).hostname or url


def _run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Do it to its end, whether this thread has an event loop or not."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    return _in_a_thread(work)


def _in_a_thread(work: Coroutine[Any, Any, _Result]) -> _Result:
    done: list[_Result] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
            failed.append(error)

    thread = threading.Thread(target=run, name="embedding", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


def _refusal(status: int, retry_after: str, said: str) -> _Failed:
    reason = f"it answered {status}" + (f" ({said})" if said else "")
    if status in {401, 403}:
        reason = f"its key was not accepted ({status})"
    if status not in _AGAIN:
        return _Failed(reason, None)
    wait = float(retry_after) if retry_after.isdecimal() else 1.0
    return _Failed(reason, wait if wait <= _LONGEST_WAIT else None)


def _json(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        raise _Failed("its answer is no JSON", None) from None


def _said(answer: httpx2.Response) -> str:
    """What a server says of a refusal, on one short line."""
    try:
        found = answer.json()
    except (ValueError, RecursionError):
        return ""
    error = found.get("error") if isinstance(found, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return " ".join(redact(message).split())[:160].rstrip(".") if isinstance(message, str) else ""


def _vectors(answer: Any, count: int) -> list[bytes]:
    """The vectors in the order of the texts."""
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _Failed("its answer holds no vectors", None)
    if len(rows) != count:
        raise _Failed(f"it gave {len(rows)} vectors for {count} texts", None)
    indexes = [row.get("index", place) for place, row in enumerate(rows)]
    if sorted(indexes, key=str) != sorted(range(count), key=str):
        raise _Failed("its answer numbers the vectors wrongly", None)
    by_index = dict(zip(indexes, rows, strict=True))
    return [unit(by_index[place].get("embedding")) for place in range(count)]


def unit(values: Any) -> bytes:
    """A list of numbers as float32 of length one."""
    numbers = isinstance(values, list) and values and all(type(value) in {float, int} for value in values)
    try:
        length = math.sqrt(math.fsum(value * value for value in values)) if numbers else 0.0
    except OverflowError:
        length = math.inf
    if not length or not math.isfinite(length):
        raise _Failed("its answer holds something that is no vector", None)
    return array("f", [value / length for value in values]).tobytes()
