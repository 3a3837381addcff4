"""Why an expected note did not come: the first step of a search at which it fell out, in one sentence. Pure.

``localgpt.memory.whereabouts`` collects the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from localgpt.core.values import Hit, Span
from localgpt.memory.quality import WHOLE

NAMED = 3
"""How many better hits, and how many differences, are named."""


class Step(StrEnum):
    """How far a note came, in the order of a search; ``FOUND`` is the only good one."""

    MISSING = "missing"
    LEFT_OUT = "left out"
    UNREADABLE = "unreadable"
    WAITING = "not indexed yet"
    NO_LINES = "no such lines"
    FILTERED = "filtered"
    UNRELATED = "unrelated"
    DUPLICATE = "duplicate"
    OUTRANKED = "outranked"
    BEYOND = "beyond"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an expected place: the step, and a sentence. ``rank`` is its own among the hits (0: none)."""

    place: str
    step: Step
    sentence: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Nearness:
    """What the rankers have of a place: the question's words in it, the cosine (``None``: no vector), and what is needed.

    ``unseen`` says why there is no vector (empty: there is one, or words alone are searched).
    """

    words: tuple[str, ...] = ()
    cosine: float | None = None
    needed: float = 0.0
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of an expected place; what is empty was no hindrance.

    ``left_out``, ``problem`` and ``filtered`` are clauses that say what was; ``near`` are paths
    that sound like the one that is ``missing``. ``lines`` is how many lines
    the index has of it, ``passages`` how many passages stand at the place. ``rank`` counts among the hits that are
    shown, ``later`` is the hit and its rank where many more are asked for (``looked`` of them); ``twin`` is the hit that says nearly the same.
    """

    place: Span
    missing: bool = False
    near: tuple[str, ...] = ()
    left_out: str = ""
    problem: str = ""
    indexed: bool = True
    lines: int = 0
    passages: int = 0
    filtered: str = ""
    brought: bool = False
    nearness: Nearness = Nearness()
    twin: Hit | None = None
    shown: tuple[Hit, ...] = ()
    rank: int = 0
    later: tuple[int, Hit] | None = None
    looked: int = 0
    limit: int = 10
    private: bool = False


def verdict(facts: Facts) -> Verdict:
    """The first step at which the place fell out, or that it came."""
    for step, applies, say in _STEPS:
        if applies(facts):
            private = f" {_PRIVATE}" if facts.private and step is Step.FOUND else ""
            return Verdict(named(facts.place), step, say(facts) + private, facts.rank)
    return Verdict(named(facts.place), Step.BEYOND, _beyond(facts))


def named(place: Span) -> str:
    """A place as it was asked for: a whole note by its path."""
    return place.path if place.end == WHOLE else str(place)


_PRIVATE = "It is private (egress: local): models elsewhere never get it."


def _found(facts: Facts) -> str:
    hit = facts.shown[facts.rank - 1]
    return f"{named(facts.place)} came: at rank {facts.rank}, with {hit.score:.2f}."


def _missing(facts: Facts) -> str:
    near = f" Near ones: {', '.join(facts.near)}." if facts.near else ""
    return f"There is no {facts.place.path}.{near}"


def _lines_missing(facts: Facts) -> str:
    return (
        f"{facts.place.path} has no passage at these lines; what is indexed of it ends at line {facts.lines}."
    )


def _unrelated(facts: Facts) -> str:
    near = facts.nearness
    if near.cosine is not None:
        meaning = f"its meaning is too far away (cosine {near.cosine:.2f}, {near.needed:.2f} is needed)"
    else:
        meaning = near.unseen or "only words are searched"
    return f"{named(facts.place)} has no word of the question, and {meaning}."


def _twin(facts: Facts) -> str:
    assert facts.twin is not None
    return f"{named(facts.place)} says nearly the same as {facts.twin.span}, which is better, and was left out beside it."


def _outranked(facts: Facts) -> str:
    assert facts.later is not None
    rank, hit = facts.later
    better = ", ".join(f"{one.span} ({one.score:.2f})" for one in facts.shown[:NAMED])
    sentence = f"{named(facts.place)} is at rank {rank} with {hit.score:.2f}, after {better}"
    sentence += f" and {rank - 1 - NAMED} others" if rank - 1 > NAMED else ""
    differing = lacking(hit, facts.shown[-1])
    last = (
        f"; beside {facts.shown[-1].span}, the last that is shown, it lacks {differing}" if differing else ""
    )
    return f"{sentence}{last}; {facts.limit} are shown."


def _beyond(facts: Facts) -> str:
    near = facts.nearness
    words = f"it has {', '.join(near.words)}" if near.words else "it has no word of the question"
    meaning = "" if near.cosine is None else f", its cosine is {near.cosine:.2f}"
    return (
        f"{named(facts.place)} is not among the best {facts.looked}: {words}{meaning}, and others have more."
    )


def lacking(hit: Hit, better: Hit) -> str:
    """What most sets ``better`` before ``hit``, by ranker: ``text (-0.20), date (-0.10)``; empty where nothing does."""
    less = {name: weight - _added(hit).get(name, 0.0) for name, weight in _added(better).items()}
    for name, weight in _added(hit).items():
        if name not in less:
            less[name] = -weight
    most = sorted((item for item in less.items() if item[1] >= 0.005), key=lambda item: -item[1])
    return ", ".join(f"{name} (-{weight:.2f})" for name, weight in most[:NAMED])


def _added(hit: Hit) -> dict[str, float]:
    return {why.ranker: why.weight for why in hit.why}


_Say = Callable[[Facts], str]
_STEPS: tuple[tuple[Step, Callable[[Facts], object], _Say], ...] = (
    (Step.FOUND, lambda facts: facts.rank, _found),
    (Step.MISSING, lambda facts: facts.missing, _missing),
    (Step.LEFT_OUT, lambda facts: facts.left_out, lambda facts: f"{facts.place.path} is not searched: {facts.left_out}."),
    (Step.UNREADABLE, lambda facts: facts.problem, lambda facts: f"{facts.place.path} is not searched: {facts.problem}"),
    (
        Step.WAITING,
        lambda facts: not facts.indexed,
        lambda facts: f"{facts.place.path} is not indexed yet: another process is at it, or it is empty.",
    ),
    (Step.NO_LINES, lambda facts: not facts.passages, _lines_missing),
    (
        Step.FILTERED,
        lambda facts: facts.filtered,
        lambda facts: f"{named(facts.place)} was filtered out: {facts.filtered}.",
    ),
    (Step.UNRELATED, lambda facts: not facts.brought, _unrelated),
    (Step.OUTRANKED, lambda facts: facts.later, _outranked),
    (Step.DUPLICATE, lambda facts: facts.twin, _twin),
)  # fmt: skip


def rank_of(place: Span, hits: Sequence[Hit]) -> int:
    """The rank of the first hit that shows some of the place; 0 if none does."""
    return next((rank for rank, hit in enumerate(hits, 1) if touches(place, hit.span)), 0)


def touches(place: Span, other: Span) -> bool:
    """Whether two places share a line."""
    return place.path == other.path and place.start <= other.end and other.start <= place.end


def twin_of(own: Iterable[Hit], others: Sequence[Hit], same: Callable[[Hit, Hit], bool]) -> Hit | None:
    """The first of ``others`` that says nearly the same as one of ``own``."""
    mine = tuple(own)
    return next((other for other in others for hit in mine if same(other, hit)), None)
