"""From a question and the passages that a search brought, the text of an answer. Pure.

The best sentence comes first, then where it is from and when it was written, then what stands around it and
other sentences that fit. If no passage shares enough with the question, there is no answer.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from localgpt.core.values import Hit, Origin, Span
from localgpt.core.words import content_stems, is_question, sentences
from localgpt.models.recall.wording import Wording

COVER_ALONE = 0.6
"""A passage with this share of the question's words answers it, whatever its meaning's distance."""
COSINE_ALONE = 0.6
"""A passage this near in meaning answers it, whatever its words."""
COVER_WITH, COSINE_WITH = 0.3, 0.45
"""Both together: some of the words and some nearness. Of 90 questions of a long conversation these bounds let 98 %
find something in it, and 10 % in two other people's conversations."""
COVER_OF_WORDS = 0.4
"""Without vectors (switched off, or not made yet) words alone judge, more kindly."""

_ALSO_AT_MOST = 3
_ALSO_SHARE = 0.6
_EXCERPT_LINES, _EXCERPT_CHARS = 6, 600
_SENTENCE_CHARS = 500
_ASKED_CHARS = 4000  # a search looks at no more of a question either
_COMPOUND = 5
_ECHO = 12
_MARKER = re.compile(
    r"^\s*(?:>\s*)*(?:#{1,6}\s+|[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+)?(?:\d{1,2}:\d{2}\s+(?:[-–—]\s+)?)?"
)
_RULE = re.compile(r"^\W*$")
_FENCES = ("```", "~~~")
_NOT_PROSE = ("#", "<", "|", "///", ":::", "![")
_ATTRIBUTES = re.compile(r"\s*\{[^}]*\}\s*$")
_NUMBER = re.compile(r"\d")
_WANTS_NUMBER = re.compile(
    r"\b(?:when|how\s+(?:many|much|old|long|far)|what\s+(?:time|date|number|code|year)|wann|wie\s*(?:viele?|alt|lang|hoch|weit)|welche[sr]?\s+(?:nummer|datum|uhrzeit|code|jahr))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a passage, and where it stands."""

    text: str
    span: Span
    hit: Hit
    rank: int
    stems: frozenset[str]
    heading: frozenset[str]


def compose(
    question: str, hits: Sequence[Hit], wording: Wording, handed: frozenset[str] = frozenset()
) -> str | None:
    """The answer as Markdown, or ``None`` if nothing in ``hits`` answers ``question``.

    Of texts from outside only those of ``handed`` (paths of what the owner hands over here) are quoted.
    """
    known = (replace(hit, origin=Origin.OWNER) if hit.path in handed else hit for hit in hits)
    fitting = [hit for hit in known if fits(hit)]
    lines = _best_lines(question, fitting)
    if not lines:
        return _only_foreign(fitting, wording)
    best, *others = lines
    parts = [best.text, _source(best, wording)]
    excerpt = _excerpt(best)
    if excerpt:
        parts.append(excerpt)
    if others:
        parts.append(_also(others, wording))
    return "\n\n".join(parts)


def fits(hit: Hit) -> bool:
    """Whether a passage shares enough with the question to be shown as an answer."""
    if hit.cosine is None:
        return hit.cover >= COVER_OF_WORDS
    alone = hit.cover >= COVER_ALONE or hit.cosine >= COSINE_ALONE
    return alone or (hit.cover >= COVER_WITH and hit.cosine >= COSINE_WITH)


def _best_lines(question: str, hits: Sequence[Hit]) -> list[Line]:
    """The sentence that answers best, then a few others from elsewhere that are nearly as good."""
    question = question[:_ASKED_CHARS]
    asked = frozenset(content_stems(question))
    lines = [
        line
        for rank, hit in enumerate(hits)
        if hit.origin is not Origin.FOREIGN
        for line in _lines(hit, rank)
    ]
    lines = _without_echoes(lines)
    if not lines:
        return []
    weights = _weights(asked, lines)
    wants_number = bool(_WANTS_NUMBER.search(question))
    scored = sorted(
        ((_score(line, weights, wants_number), line) for line in lines), key=lambda pair: -pair[0]
    )
    top = scored[0][0]
    chosen: list[Line] = []
    for score, line in scored:
        if score < _ALSO_SHARE * top or len(chosen) > _ALSO_AT_MOST:
            break
        if not any(_same(line, other) for other in chosen):
            chosen.append(line)
    return chosen


def _lines(hit: Hit, rank: int) -> Iterator[Line]:
    """The sentences of a passage that can stand for themselves: no headings, code, markup or questions."""
    heading = frozenset(content_stems(hit.heading)) if hit.heading else frozenset()
    for offset, line in _prose(hit.text):
        number = hit.start if _is_session(hit.span) else min(hit.start + offset, hit.end)
        for sentence in sentences(line):
            if not _RULE.match(sentence) and not is_question(sentence):
                stems = frozenset(content_stems(sentence))
                yield Line(
                    sentence[:_SENTENCE_CHARS], Span(hit.path, number, number), hit, rank, stems, heading
                )


def _without_echoes(lines: Sequence[Line]) -> list[Line]:
    """What was said and then noted is told from the note alone."""
    noted = [_bare(line.text) for line in lines if not _is_session(line.span)]
    return [
        line
        for line in lines
        if not (
            _is_session(line.span) and any(note in _bare(line.text) for note in noted if len(note) >= _ECHO)
        )
    ]


def _bare(text: str) -> str:
    return text.casefold().strip(" .!")


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are neither headings nor code nor markup, without their list markers, each with its offset."""
    in_code = False
    for offset, raw in enumerate(text.split("\n")):
        line = raw.strip()
        if line.startswith(_FENCES):
            in_code = not in_code
        elif not in_code and not line.startswith(_NOT_PROSE):
            yield offset, _MARKER.sub("", raw, count=1).strip()


def _weights(asked: frozenset[str], lines: Sequence[Line]) -> dict[str, float]:
    """How much each asked word tells: the fewer sentences hold it, the more."""
    held = Counter(stem for line in lines for stem in asked if _holds(line.stems, stem))
    return {stem: math.log(1 + (len(lines) + 1) / (1 + held[stem])) for stem in asked}


def _holds(stems: frozenset[str], stem: str) -> bool:
    """A stem itself, or a compound with it (Zahnarzt, Zahnarzttermin)."""
    return stem in stems or (len(stem) >= _COMPOUND and any(stem in other for other in stems))


def _score(line: Line, weights: dict[str, float], wants_number: bool) -> float:
    """What the sentence shares with the question, what only its heading does, and how well its passage was found."""
    whole = sum(weights.values()) or 1.0
    own = sum(weight for stem, weight in weights.items() if _holds(line.stems, stem))
    above = sum(
        weight
        for stem, weight in weights.items()
        if _holds(line.heading, stem) and not _holds(line.stems, stem)
    )
    found = line.hit.score / (1 + 0.2 * line.rank)
    number = 0.1 if wants_number and _NUMBER.search(line.text) else 0.0
    written = 0.0 if _is_session(line.span) else 0.05  # a note says it on purpose
    return (0.45 * own + 0.2 * above) / whole + 0.35 * found + number + written


def _same(one: Line, other: Line) -> bool:
    near = one.span.path == other.span.path and abs(one.span.start - other.span.start) < _EXCERPT_LINES
    said, again = _bare(one.text), _bare(other.text)
    return near or said in again or again in said


def _is_session(span: Span) -> bool:
    return span.path.startswith("session:")


def _source(line: Line, wording: Wording) -> str:
    return wording.source.format(place=f"[{line.span}]", when=_when(line.hit, wording))


def _when(hit: Hit, wording: Wording) -> str:
    title = _ATTRIBUTES.sub("", hit.heading.rpartition(" > ")[2])
    facts = [title] if title and title != hit.date else []
    if hit.speaker == "owner":
        facts.append(wording.said_by_you)
    with contextlib.suppress(ValueError):  # undated notes have no day to show
        facts.append(wording.day(date.fromisoformat(hit.date)))
    return f" ({', '.join(facts)})" if facts else ""


def _excerpt(best: Line) -> str:
    """What stands around the best sentence, as a quotation; nothing if the sentence is all there is."""
    lines = [line.rstrip() for line in best.hit.text.split("\n")]
    at = best.span.start - best.hit.start if not _is_session(best.span) else 0
    begin = max(0, min(at - 1, len(lines) - _EXCERPT_LINES))
    shown = [line for line in lines[begin : begin + _EXCERPT_LINES] if not _RULE.match(line)]
    if len(" ".join(shown)) <= len(best.text) + 16:
        return ""
    return "\n".join(f"> {line}" for line in "\n".join(shown)[:_EXCERPT_CHARS].splitlines())


def _also(lines: Sequence[Line], wording: Wording) -> str:
    items = [f"- {line.text} [{line.span}]{_when(line.hit, wording)}" for line in lines]
    return "\n".join([wording.also, *items])


def _only_foreign(hits: Sequence[Hit], wording: Wording) -> str | None:
    """Text from outside is named, never repeated as if it were the owner's."""
    foreign = [hit for hit in hits if hit.origin is Origin.FOREIGN]
    return "\n".join(f"- [{hit.span}] {wording.foreign}" for hit in foreign[:_ALSO_AT_MOST]) or None
