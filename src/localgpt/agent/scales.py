"""How large a model's tokens are beside our estimate of them, learnt from what it reports and what it refuses.

Four characters to a token is right for most words and most models, and wrong for some by a factor of four. What a model
has said counts for as long as this process lives.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from localgpt.core.values import Usage

STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""Real tokens to one of ours. In steps, for with each other window the stable prefix of a conversation is made anew."""
_SLACK = 1.25
"""As much more than the estimate is still within the reserve of a prompt."""
_TELLING = 16
"""A request tells something if it is at least this part of the window: small ones are mostly what vendors put around."""
_MARGIN = 0.9
LEAST = 500
"""Tokens; no window is taken to be smaller."""


@dataclass(slots=True)
class Scale:
    """What is known of one engine: ``ratio`` of its tokens make one of ours, and no more than ``fits`` of ours fit
    (0: nothing was refused yet).
    """

    ratio: float = 1.0
    fits: int = 0

    def window(self, window: int) -> int:
        """How many of our tokens fit into an engine that is believed to take ``window`` of its own."""
        ours = int(window / self.ratio)
        return max(min(ours, self.fits) if self.fits else ours, min(window, LEAST))

    def used(self, estimated: int, usage: Usage, window: int) -> None:
        """Learn from an answered request."""
        read = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
        if read and estimated * _TELLING >= window:
            ratio = read / estimated
            step = next((step for step in STEPS if ratio <= step * _SLACK), STEPS[-1])
            self.ratio = max(self.ratio, step)

    def refused(self, estimated: int, tokens: int = 0, window: int = 0) -> None:
        """Learn from a request that was too long: it was ``tokens`` and may be ``window``, if the service said so."""
        share = _MARGIN * window / tokens if 0 < window < tokens else 0.5
        fits = max(int(estimated * share), LEAST)
        self.fits = min(fits, self.fits) if self.fits else fits


@dataclass(slots=True)
class Scales:
    """One scale for each engine, by its name."""

    _known: dict[str, Scale] = field(default_factory=dict)

    def of(self, name: str) -> Scale:
        """The scale of an engine."""
        return self._known.setdefault(name, Scale())
