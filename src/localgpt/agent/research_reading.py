"""Searching and reading for a piece of research: the web by its two tools and the policy, the notes by the search.

What goes out is a question that was made from the topic alone, or an address that a search listed; ``policy.decide``
is asked each time, as for a model's own call.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localgpt.agent.provenance import Provenance
from localgpt.agent.research import NOTES, WEB, Listed, Source
from localgpt.core.errors import LocalGPTError, ToolError
from localgpt.core.journal import Journal
from localgpt.core.values import Egress, Hit, Message, Origin, Role, Text, ToolCall, ToolResult
from localgpt.memory.search import Found, Query
from localgpt.models.recall.answer import fits
from localgpt.security.content import visible
from localgpt.security.policy import Verdict, decide
from localgpt.tools.base import Toolbox, ToolContext, ToolOutput

_RESULT = re.compile(r"^\d{1,2}\. \[(?P<title>.*)\]\((?P<address>https?://[^\s()]+)\)$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)")
_ANCHOR = re.compile(
    r"(?<!!)\[(?P<words>[^\[\]]{1,200})\]\((?P<address>https?://[^()\s]{1,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,200}){0,3})[)\s]"
)
_TAG = re.compile(r"<[A-Za-z/!][^<>]{0,500}>")
_TITLE = "Title: "
_HITS = 4


@dataclass(slots=True)
class Web:
    """The web, for one piece of research: ``id`` names it in the journal."""

    toolbox: Toolbox
    context: ToolContext
    journal: Journal
    id: str
    topic: str
    _known: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        self._known.take_message(Message(Role.USER, (Text(self.topic),)))

    def recall(self, listed: tuple[Listed, ...]) -> None:
        """Take up what a search listed before a crash."""
        text = "\n".join(f"{one.address} " for one in listed)
        self._known.take_result(ToolResult("", "web_search", text, origin=Origin.FOREIGN))

    async def search(self, question: str, limit: int) -> tuple[Listed, ...]:
        """What a search lists. Raises any ``LocalGPTError``."""
        output = await self._call("web_search", {"query": question, "limit": limit})
        return results(self._body(output))

    async def fetch(self, one: Listed, longest: int, day: str) -> tuple[Source | None, tuple[Listed, ...]]:
        """A page as a source (``None`` where it says nothing), and its links. Raises any ``LocalGPTError``."""
        output = await self._call("web_fetch", {"url": one.address})
        body = self._body(output)
        title = one.title
        if body.startswith(_TITLE):
            title, _, body = body.removeprefix(_TITLE).partition("\n\n")
        text = plain(body)[:longest]
        page = Source(WEB, one.address, plain(title), text, day, Origin.FOREIGN) if text.strip() else None
        return page, links(body)

    def _body(self, output: ToolOutput) -> str:
        """What stands in the fence of a tool's output."""
        marker = self.context.marker
        _, _, inside = output.text.partition(f"<<<foreign {marker} from ")
        return inside.partition(">>>\n")[2].rpartition(f"\n<<<end {marker}>>>")[0]

    async def _call(self, name: str, arguments: dict[str, Any]) -> ToolOutput:
        call = ToolCall(uuid.uuid4().hex[:12], name, arguments)
        tool = self.toolbox.get(name)
        effects = tool.effects(arguments, self.context)
        decision = decide(call, effects, origins=frozenset(self._known.origins), known=self._known.known)
        self.journal.append(
            "tool.called",
            turn=self.id,
            session="",
            call=call.id,
            name=name,
            effects=[[effect.kind.value, effect.target] for effect in effects],
            verdict=decision.verdict.value,
            reason=decision.reason,
        )
        if decision.verdict is not Verdict.ALLOW:
            raise ToolError(decision.reason)
        try:
            output = await tool.run(self.context, arguments)
        except LocalGPTError:
            self._finished(call, Origin.SYSTEM, ok=False)
            raise
        self._known.take_result(ToolResult(call.id, name, output.text, origin=output.origin))
        self._finished(call, output.origin, ok=True)
        return output

    def _finished(self, call: ToolCall, origin: Origin, *, ok: bool) -> None:
        told = {"turn": self.id, "session": "", "call": call.id, "ok": ok, "origin": origin.value}
        self.journal.append("tool.finished", **told)


def results(body: str) -> tuple[Listed, ...]:
    """The results in a search's list."""
    return tuple(Listed(plain(match["title"]), match["address"]) for match in _RESULT.finditer(body))


def links(body: str) -> tuple[Listed, ...]:
    """The links of a page that lead to pages of the web, by their words; those without words are left out."""
    found = (
        Listed(" ".join(plain(match["words"]).split()), match["address"]) for match in _ANCHOR.finditer(body)
    )
    return tuple(one for one in found if one.title)


def plain(text: str) -> str:
    """A page's text without links, pictures and tags: nothing in it loads or leads anywhere."""
    return _TAG.sub("", _LINK.sub(r"\1", visible(text))).replace("**", "").replace("`", "")


def in_notes(
    search: Callable[[Query], Found], questions: tuple[str, ...], day: str, but: tuple[str, ...] = ()
) -> tuple[tuple[Source, ...], int]:
    """The owner's own passages that fit the questions, each once, and how many private ones were left out.

    A note may be read by anything, so what is for this machine alone doesn't go into one. Those of ``but`` don't count:
    what an earlier research wrote is no source for itself.
    """
    found: dict[str, Hit] = {}
    for question in questions:
        for hit in search(Query(question, limit=_HITS, within="notes")).hits:
            if fits(hit) and hit.path not in but:
                found.setdefault(str(hit.span), hit)
    private = sum(hit.egress is Egress.LOCAL for hit in found.values())
    taken = [hit for hit in found.values() if hit.egress is not Egress.LOCAL]
    return tuple(
        Source(
            NOTES, str(hit.span), plain(hit.heading.rpartition(" > ")[2]), plain(hit.text), day, hit.origin
        )
        for hit in taken
    ), private
