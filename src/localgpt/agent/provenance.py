"""Whose words a conversation is made of, as far as the policy asks: kept by the turn, beside the text and not in it.

All of the conversation counts and not only the turn: what a page said an hour ago is still in the prompt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from localgpt.agent import message_format
from localgpt.agent.transcript import Entry
from localgpt.core.values import Attached, Egress, Message, Origin, Piece, Role, ToolResult
from localgpt.security.intent import Plan, is_pasted, plan_of, typed
from localgpt.security.sending import Known, addresses_in

WEB_TOOLS = frozenset({"web_fetch", "web_search"})
"""The tools whose results bring addresses that count: no other's, for a model may have written those itself."""


@dataclass(slots=True)
class Provenance:
    """What has come together so far."""

    origins: set[Origin] = field(default_factory=lambda: {Origin.OWNER})
    _words: list[str] = field(default_factory=list)
    _links: set[str] = field(default_factory=set)
    _notes: list[str] = field(default_factory=list)
    _private: bool = False
    _brought: list[str] = field(default_factory=list)
    _mentioned: set[str] = field(default_factory=set)
    _own: list[str] = field(default_factory=list)
    _foreign: list[str] = field(default_factory=list)

    def take_conversation(self, entries: Iterable[Entry]) -> None:
        """Everything that was said before. Only what stands as the owner's own message is theirs: a summary isn't."""
        for entry in entries:
            message = message_format.read(entry.message) if entry.kind == "message" else None
            if message is not None:
                self.take_message(message, message_format.origin(entry.message, Origin.OWNER))

    def take_message(self, message: Message, origin: Origin = Origin.OWNER) -> None:
        """The owner's words, or the results of tools. What they handed over is foreign: they hardly ever wrote it."""
        if message.role is Role.USER and origin is Origin.OWNER:
            self._words.append(message.text)
            if is_pasted(message.text):
                self.origins.add(Origin.FOREIGN)
        elif message.role is Role.USER:
            self.origins.add(origin)
        for block in message.blocks:
            if isinstance(block, ToolResult):
                self.take_result(block)
            elif isinstance(block, Attached):
                self.origins.add(Origin.FOREIGN)

    def take_words(self, words: str) -> None:
        """What the owner said beside a message: a word with an answer."""
        self._words.append(words)

    def take_texts(self, texts: Iterable[str]) -> None:
        """What the model was given of attachments: the owner's, though not their words; they must not leave unasked."""
        self._notes.extend(texts)

    def take_pieces(self, pieces: Iterable[Piece]) -> None:
        """What the model was given beside the conversation (of foreign notes that is the title only: no taint)."""
        for piece in pieces:
            self._private = self._private or piece.egress is Egress.LOCAL
            self._notes.append(piece.text)
            if piece.origin is Origin.OWNER:
                self._own.append(piece.text)

    def take_result(self, result: ToolResult) -> None:
        """What a tool brought."""
        self.origins.add(result.origin)
        if result.origin is Origin.FOREIGN:
            self._foreign.append(result.text)
        if result.name not in WEB_TOOLS:
            self._notes.append(result.text)
            if result.origin is Origin.OWNER:
                self._own.append(result.text)
            if result.origin is Origin.FOREIGN:
                self._mentioned |= addresses_in(result.text)
            elif result.origin is Origin.OWNER and not result.is_error:
                self._brought.append(result.text)
        elif not result.is_error and result.origin is Origin.FOREIGN:
            self._links |= addresses_in(result.text)

    @property
    def known(self) -> Known:
        """What ``policy.decide`` is told."""
        return Known(
            "\n".join(map(typed, self._words)),
            frozenset(self._links),
            "\n".join(self._notes),
            self._private,
            frozenset(self._mentioned),
            "\n".join(self._own),
            "\n".join(self._foreign),
        )

    @property
    def plan(self) -> Plan:
        """What the owner asked for; what stands in their own notes counts as named by them."""
        return plan_of([words for words in self._words if words], self._brought)

    @property
    def is_foreign(self) -> bool:
        """Whether any of it is foreign text."""
        return Origin.FOREIGN in self.origins
