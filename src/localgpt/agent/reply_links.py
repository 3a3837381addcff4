"""The links of a conversation's replies: which of them may lead anywhere, judged by all that was read in it."""

from __future__ import annotations

import time

from localgpt.agent.provenance import Provenance
from localgpt.agent.sessions import Session
from localgpt.core.values import Origin
from localgpt.security.replies import leads
from localgpt.security.sending import NOTHING_KNOWN, Known

_FRESH = 0.02
"""Seconds for which a look at the conversation counts: a reply's links come many at once."""


class ReplyLinks:
    """Tells it for one conversation as it stands; what was read is looked through when the first link comes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen, self._looked = -1, 0.0
        self._known: Known = NOTHING_KNOWN
        self._foreign = False

    def __call__(self, url: str) -> bool:
        """Whether a link to ``url`` may be one."""
        if time.monotonic() - self._looked > _FRESH:
            self._look()
        return leads(url, self._known, foreign=self._foreign)

    def _look(self) -> None:
        entries = self._session.path_entries()
        if len(entries) != self._seen:
            provenance = Provenance()
            provenance.take_conversation(entries)
            self._seen, self._known = len(entries), provenance.known
            self._foreign = Origin.FOREIGN in provenance.origins
        self._looked = time.monotonic()
