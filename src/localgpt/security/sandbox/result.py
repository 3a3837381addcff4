"""What came of a run: what it said, made harmless to a terminal, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from localgpt.security.sandbox import orders

_ENDINGS = {
    "timeout": "It took too long and was ended.",
    "stopped": "It was stopped.",
    "memory": "It took too much memory and was ended.",
    "processes": "It started too many processes and was ended.",
    "disk": "It filled the disk and was ended.",
    "replaced": "A file that is closed to it was replaced while it ran, so it was ended. Look at the file.",
    "output": "It wrote too much and was ended.",
    "lost": "It was ended from outside.",
}


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended. ``code`` is as a shell tells it; ``reason`` why it was ended, empty if it ended by itself.

    ``out`` and ``err`` are without terminal commands and invisible characters; ``cut`` says that there was more.
    """

    code: int
    out: str
    err: str
    seconds: float
    strength: str
    reason: str = ""
    cut: bool = False

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the owner should know of it beside its output."""
        weaker = self.strength == orders.WEAKER
        told = (
            _ENDINGS.get(self.reason, ""),
            "More was written than is shown." if self.cut else "",
            "It ran behind weaker walls: 'localgpt sandbox status' says which." if weaker else "",
            "No walls held it." if self.strength == orders.NONE else "",
        )
        return tuple(sentence for sentence in told if sentence)


@dataclass(frozen=True, slots=True)
class Report:
    """What the keeper of a run reported: its exit code, why it was ended, and which layer failed with which words."""

    code: int | None = None
    reason: str = ""
    failed: str = ""


def report_of(text: str) -> Report:
    """The report from its lines; the first failure counts."""
    found = [line.partition(" ")[::2] for line in text.splitlines()]
    failures = [value for word, value in found if word == "failed"]
    words = dict(found)
    code = words.get("code", "")
    return Report(
        int(code) if code.isdecimal() else None, words.get("ended", ""), failures[0] if failures else ""
    )
