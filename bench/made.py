"""Made-up passages and vectors in any number, the same ones every time: what ``bench.scale`` fills an index with.

Words follow Zipf's law over 200,000 of them. Vectors lie as real ones do: each is a mixture of two vectors of the
repository's own pages, made by the bundled model, and of noise.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from bench.notes import SYLLABLES

from localgpt.core.values import Chunk
from localgpt.memory.chunks import chunks
from localgpt.memory.embedding import Bundled
from localgpt.memory.entry import windows
from localgpt.memory.source import Document, Stamp

VOCABULARY = 200_000
WORDS = 150
"""Words of a passage: two kilobytes, as the words are long."""
OF_DOCUMENT = 4
OF_CHUNK = 2
"""Vectors of a passage of this length."""
BLOCK = 10_000
_SEEDS = 600
_NOISE = 0.5

Vectors = npt.NDArray[np.float32]


class Passages:
    """A source of ``count`` passages, four to a document, none of which is a file."""

    name = "notes"

    def __init__(self, count: int) -> None:
        self.count = count
        made = itertools.chain.from_iterable(itertools.product(SYLLABLES, repeat=n) for n in (2, 3, 4, 5))
        self.words = ["".join(parts) for parts in itertools.islice(made, VOCABULARY)]
        random.Random(1).shuffle(self.words)
        shares = 1 / np.arange(1, VOCABULARY + 1)
        self._cumulated = np.cumsum(shares / shares.sum())

    def scan(self) -> Iterator[Stamp]:
        """Every document."""
        for first in range(0, self.count, OF_DOCUMENT):
            yield Stamp(f"knowledge/{first // OF_DOCUMENT % 1000}/{first}.md", 4000, 1)

    def read(self, path: str, resume: int = 0) -> Document:  # noqa: ARG002 - always the whole
        """The passages of a document."""
        first = int(path.rsplit("/", 1)[1].removesuffix(".md"))
        numbers = range(first, min(first + OF_DOCUMENT, self.count))
        return Document(
            tuple(
                Chunk(path, 20 * at + 1, 20 * at + 18, self.text(number), "Notes")
                for at, number in enumerate(numbers)
            )
        )

    def text(self, number: int) -> str:
        """A passage."""
        drawn = np.random.default_rng(number).random(WORDS)
        words = [self.words[place] for place in np.searchsorted(self._cumulated, drawn)]
        return "\n".join(" ".join(words[at : at + 12]) for at in range(0, WORDS, 12))

    def questions(self, count: int) -> list[str]:
        """Questions of five words, from the hundred most frequent to rare ones."""
        chance = random.Random(3)
        picked = [[self.words[int(10 ** chance.uniform(1.5, 4.5))] for _ in range(5)] for _ in range(count)]
        return [f"What about {' '.join(five)}?" for five in picked]


def real_vectors(keep: Path) -> Vectors:
    """Vectors of the repository's pages by the bundled model; kept in ``keep``."""
    if keep.exists():
        found: Vectors = np.load(keep)
        return found
    pages = sorted((Path(__file__).parents[1] / "docs").glob("*.md"))
    texts = [
        part
        for page in pages
        for chunk in chunks(page.name, page.read_text(encoding="utf-8"))
        for part in windows(chunk.heading, chunk.date, chunk.text)
    ]
    picked = random.Random(4).sample(texts, min(_SEEDS, len(texts)))
    made = b"".join(Bundled().embed_documents(picked))
    found = np.frombuffer(made, dtype=np.float32).reshape(len(picked), -1)
    np.save(keep, found)
    return found


def vectors(seeds: Vectors, block: int, count: int) -> Vectors:
    """The ``count`` vectors of a block, of length one."""
    chance = np.random.default_rng([5, block])
    one, other = seeds[chance.integers(0, len(seeds), (2, count))]
    share = chance.uniform(0.5, 1, (count, 1)).astype(np.float32)
    return _unit(share * one + (1 - share) * other + _noise(chance, count, seeds.shape[1], _NOISE))


def asked(seeds: Vectors, count: int) -> Vectors:
    """Vectors of questions: each near some passage of the first block, as near as questions are (a cosine of 0.7)."""
    near = vectors(seeds, 0, BLOCK)[np.random.default_rng(6).integers(0, 1000, count)]
    return _unit(near + _noise(np.random.default_rng(7), count, seeds.shape[1], 1.0))


def _noise(chance: np.random.Generator, count: int, dimensions: int, length: float) -> Vectors:
    drawn = chance.standard_normal((count, dimensions), dtype=np.float32)
    return drawn * np.float32(length / np.sqrt(dimensions))


def _unit(rows: Vectors) -> Vectors:
    scaled: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled
