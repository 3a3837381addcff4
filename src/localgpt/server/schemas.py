"""Shapes that several routes speak in. Unknown fields of a request are ignored, as the Rust LocalGPT does."""

from __future__ import annotations

from pydantic import BaseModel


class Problem(BaseModel):
    """What went wrong: a ``code`` for programs, a sentence and a way out for people."""

    code: str
    message: str
    hint: str = ""


class Failed(BaseModel):
    """Every answer that is no success."""

    error: Problem


class Used(BaseModel):
    """Tokens and money of a turn. ``input`` is all that was read, ``cached`` how much of it a vendor's cache had."""

    input: int
    output: int
    cached: int
    cost_usd: float
    priced: bool = True


class Cited(BaseModel):
    """A place that a reply refers to; ``valid`` when the lines are there."""

    path: str
    start: int
    end: int
    valid: bool
