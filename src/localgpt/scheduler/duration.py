"""How long: ``30m``, ``1h30m``, ``2d``; a bare number is minutes, as in OpenClaw."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s{0,3}(ms|s|m|h|d)\s{0,3}")
_LONGEST = 3660 * 86400.0


def seconds(text: str) -> float | None:
    """The seconds that ``text`` means (0 for ``0m``); ``None`` where it is no duration, or over ten years."""
    text = text.strip().lower()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?", text):
        return _bounded(float(text) * 60)
    parts = list(_PART.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        return None
    return _bounded(sum(float(part[1]) * _UNITS[part[2]] for part in parts))


def _bounded(value: float) -> float | None:
    return value if value <= _LONGEST else None


def spelled(value: float) -> str:
    """Seconds in words as short as ``seconds`` reads them: ``1h30m``, ``45s``, ``0s``."""
    left, words = round(value), ""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        words += f"{count}{unit}" if count else ""
    return words or "0s"
