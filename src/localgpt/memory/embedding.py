"""From text to vectors: the model that comes with the package, and any other that fastembed knows.

One text a call: the model's int8 activations are scaled over a whole batch, so a batch changes the vectors, and
gains no speed. Everything heavy is imported when the first vector is asked for.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from localgpt.core.errors import ConfigError, EmbeddingError
from localgpt.memory.prefixes import prefixes

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Permit: TypeAlias = Callable[[str, str], None]
"""Asked before a model is downloaded, with the host and what for; raises to forbid it."""

BUNDLED = "all-MiniLM-L6-v2"
_FOLDER = Path(__file__).with_name("bundled") / "all-MiniLM-L6-v2-int8"
_THREADS = 2
_REMEMBERED = 256

# From 1.32 on, onnxruntime on Linux makes a device id in ~/.cache as soon as it is imported, gathers events and sends
# them to its maker. Only these variables stop it; its disable_telemetry_events() comes too late.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


class Embedder(Protocol):
    """Makes vectors of unit length, as float32 bytes of ``dimensions`` numbers. ``name`` tells models apart."""

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed_documents(self, texts: Sequence[str]) -> list[bytes]:
        """A vector for each passage. Raises ``EmbeddingError``."""
        ...

    def embed_query(self, text: str) -> bytes:
        """The vector of a question. Raises ``EmbeddingError``."""
        ...


def stays_here(embedder: Embedder) -> bool:
    """Whether what it is given stays on this machine. Those that send it elsewhere say so (``local`` is false)."""
    return bool(getattr(embedder, "local", True))


def fitting(embedder: Embedder, vectors: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of the model's vectors that have its length: a server may give another model the same name one day."""
    return {text: vector for text, vector in vectors.items() if len(vector) == 4 * embedder.dimensions}


class Remembered:
    """The vectors of the last questions: a search is often repeated with other filters."""

    def __init__(self) -> None:
        self._vectors: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str, compute: Callable[[str], bytes]) -> bytes:
        with self._lock:
            if text in self._vectors:
                self._vectors.move_to_end(text)
                return self._vectors[text]
        vector = compute(text)
        with self._lock:
            self._vectors[text] = vector
            while len(self._vectors) > _REMEMBERED:
                self._vectors.popitem(last=False)
        return vector


class Bundled:
    """all-MiniLM-L6-v2 in int8, part of the package: English, 384 dimensions, 256 tokens, no network, no key."""

    name = f"bundled/{BUNDLED}-int8"
    dimensions = 384

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._used = 0.0
        self._model: tuple[InferenceSession, Tokenizer] | None = None
        self._remembered = Remembered()

    def embed_documents(self, texts: Sequence[str]) -> list[bytes]:
        """A vector for each passage."""
        return [self._embed(text) for text in texts]

    def embed_query(self, text: str) -> bytes:
        """The vector of a question."""
        return self._remembered.get(text, self._embed)

    def rest(self, before: float) -> bool:
        """Give the model's memory back if it was last used ``before`` that moment (monotonic); whether it was.

        The next vector loads it again, in about 60 ms.
        """
        with self._lock:
            if self._model is None or self._used > before:
                return False
            self._model = None
        return True

    def _embed(self, text: str) -> bytes:
        """The mean of the tokens' last states, scaled to length one."""
        import numpy as np

        session, tokenizer = self._load()
        ids = np.array([tokenizer.encode(_clean(text)).ids], dtype=np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        (states,) = session.run(None, inputs)
        mean = states[0].mean(axis=0)
        vector: bytes = (mean / np.linalg.norm(mean)).astype("<f4").tobytes()
        return vector

    def _load(self) -> tuple[InferenceSession, Tokenizer]:
        with self._lock:
            self._used = time.monotonic()
            if self._model is None:
                self._model = _load(self._folder)
            return self._model


def _load(folder: Path) -> tuple[InferenceSession, Tokenizer]:
    from onnxruntime import InferenceSession, SessionOptions
    from tokenizers import Tokenizer

    options = SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting costs no CPU
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return InferenceSession(str(folder / "model.onnx"), options), tokenizer
    except Exception as error:  # both libraries raise bare ones - files have no class of their own
        raise EmbeddingError(
            f"The embedding model in {folder} can't be loaded.", hint="Install LocalGPT again."
        ) from error


class FastEmbed:
    """A model that fastembed knows by name; its files are downloaded once, to ``cache``, if ``permit`` lets it."""

    def __init__(self, model: str, cache: Path, permit: Permit | None = None) -> None:
        self.name = f"fastembed/{model}"
        self._model_name = model
        self._cache = cache
        self._permit = permit
        self._lock = threading.Lock()
        self._model: Any = None  # fastembed has no types
        self._remembered = Remembered()

    @property
    def dimensions(self) -> int:
        """Numbers in a vector, from fastembed's own list. Raises ``ConfigError`` for a model it doesn't know."""
        return int(self._description()["dim"])

    @property
    def megabytes(self) -> int:
        """What is downloaded for it, about. Raises ``ConfigError`` for a model that fastembed doesn't know."""
        return round(1000 * float(self._description()["size_in_GB"]))

    def embed_documents(self, texts: Sequence[str]) -> list[bytes]:
        """A vector for each passage."""
        model, before = self._load(), prefixes(self._model_name)[1]
        return [_unit(next(iter(model.passage_embed([before + _clean(text)])))) for text in texts]

    def embed_query(self, text: str) -> bytes:
        """The vector of a question."""
        before = prefixes(self._model_name)[0]
        return self._remembered.get(
            text, lambda asked: _unit(next(iter(self._load().query_embed(before + _clean(asked)))))
        )

    def _description(self) -> dict[str, Any]:
        from fastembed import TextEmbedding

        known: list[dict[str, Any]] = TextEmbedding.list_supported_models()
        for description in known:
            name = description["model"].casefold()
            if self._model_name.casefold() in {name, name.rpartition("/")[2]}:
                return description
        raise ConfigError(
            f"fastembed knows no model {self._model_name}.", hint=_nearest(self._model_name, known)
        )

    def _load(self) -> Any:
        with self._lock:
            if self._model is None:
                self._model = self._open(self._description()["model"])
            return self._model

    def _open(self, model: str) -> Any:
        from fastembed import TextEmbedding

        options: dict[str, Any] = {"cache_dir": str(self._cache), "threads": _THREADS}
        try:
            return TextEmbedding(model, local_files_only=True, **options)
        except Exception:  # noqa: BLE001 - whatever it is, the files are not all there
            if self._permit is None:
                raise EmbeddingError(
                    f"The embedding model {model} isn't on this machine.",
                    hint="Allow its download, or use 'local'.",
                ) from None
        self._permit("huggingface.co", f"download of the embedding model {model}")
        try:
            return TextEmbedding(model, **options)
        except Exception as error:  # network, disk and hub errors - they have no common class
            raise EmbeddingError(
                f"The embedding model {model} can't be downloaded.", hint="Check the network, or use 'local'."
            ) from error


def _nearest(name: str, known: list[dict[str, Any]]) -> str:
    import difflib

    names = [description["model"] for description in known]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.3) or names[:3]
    return f"Near ones: {', '.join(near)}."


def _unit(values: Any) -> bytes:
    import numpy as np

    vector: bytes = (values / (np.linalg.norm(values) or 1)).astype("<f4").tobytes()
    return vector


def _clean(text: str) -> str:
    """Text that a tokenizer takes: not empty, not longer than any model reads, no half surrogate pairs."""
    return text[:20_000].encode("utf-8", "replace").decode("utf-8") or " "


def downloaded(name: str, cache_dir: Path) -> Embedder | None:
    """A model that needs no server, by the name that an index keeps of it, as far as it is on this machine already."""
    if name == Bundled.name:
        return Bundled()
    provider, _, model = name.partition("/")
    return FastEmbed(model, cache_dir) if provider == "fastembed" and cache_dir.is_dir() else None
