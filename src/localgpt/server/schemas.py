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
