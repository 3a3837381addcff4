"""What to ask, and which pages to read. Pure.

The plan is made from the topic alone: nothing of the notes is in what a search engine is asked later.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from localgpt.agent.research import Listed
from localgpt.core.errors import ModelError
from localgpt.core.words import content_stems
from localgpt.security.content import visible
from localgpt.security.sending import address, host_in

INSTRUCTIONS = """\
You plan a piece of research. You are given a topic and the number of questions that there may be.
Answer with one JSON object and nothing else:
{"questions": ["What does a heat pump cost to run?", "..."]}

Each question is short, in the language of the topic, can be looked up by itself with a search engine, and names the
topic. Three questions at least; together they cover what somebody would want to know."""
LEAST, LONGEST = 3, 200
_PER_HOST, _PER_PAGE = 2, 2
_TOPIC_WORDS = 2


def wanted(topic: str, most: int) -> str:
    """What the engine is told."""
    return f"Topic: {topic}\nQuestions: {LEAST} to {most}"


def read(reply: str, most: int) -> tuple[str, ...]:
    """The questions of a reply, each once. Raises ``ModelError`` for one that is something else."""
    held = json_object(reply).get("questions")
    found = held if isinstance(held, list) else []
    words = [" ".join(visible(each).split()) for each in found if isinstance(each, str)]
    kept = tuple(dict.fromkeys(each for each in words if 0 < len(each) <= LONGEST))
    if len(kept) < LEAST:
        raise ModelError("The model answered with something else than questions.")
    return kept[:most]


def json_object(reply: str) -> Mapping[str, Any]:
    """The one JSON object of a reply, with or without a fence around it. Raises ``ModelError``."""
    text = reply.strip()
    if text.startswith("```") and text.endswith("```"):
        text = text.strip("`").removeprefix("json").strip()
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError("The model answered with something else than JSON.") from error
    if not isinstance(held, dict):
        raise ModelError("The model answered with something else than a JSON object.")
    return held


def best(searched: Mapping[str, tuple[Listed, ...]]) -> list[Listed]:
    """The results in the order in which they are worth reading: the first of each search, then the second ones.

    Each address comes once, and no host more than twice.
    """
    found: dict[str, Listed] = {}
    hosts: Counter[str] = Counter()
    for row in zip_longest(*searched.values()):
        for one in row:
            if one is None or address(one.address) in found or hosts[host_in(one.address)] >= _PER_HOST:
                continue
            found[address(one.address)] = one
            hosts[host_in(one.address)] += 1
    return list(found.values())


def worth_following(links: Sequence[Listed], topic: str, questions: Sequence[str]) -> tuple[Listed, ...]:
    """The links of a page whose words speak of the topic: two at most, first those that share most with the questions."""
    about, asked = set(content_stems(topic)), set(content_stems(" ".join((topic, *questions))))
    found: dict[str, tuple[int, Listed]] = {}
    for one in links:
        held = set(content_stems(one.title))
        if about and len(held & about) >= min(_TOPIC_WORDS, len(about)) and address(one.address):
            found.setdefault(address(one.address), (len(held & asked), one))
    ranked = sorted(found.values(), key=lambda pair: -pair[0])
    return tuple(one for _, one in ranked[:_PER_PAGE])
