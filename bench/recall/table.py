"""A line of figures for people: recall, rank, prompt and time."""

from __future__ import annotations

from localgpt.memory.quality import Figures

HEADER = f"{'':26}     n   R@1    R@5    R@10   MRR    1000t  any@5  any@10 note@5 note@10 tokens     ms"


def cells(name: str, figures: Figures) -> str:
    """One line under ``HEADER``."""
    sums = [
        *figures.recall.values(),
        figures.reciprocal,
        figures.budget,
        *figures.any.values(),
        *figures.notes.values(),
    ]
    means = "  ".join(f"{figures.mean(value):.3f}" for value in sums)
    tokens = figures.median_tokens
    shown = "never" if tokens is None else f"{tokens:.0f}"
    return f"{name:26}{figures.questions:6}  {means}   {shown:>6} {figures.median_ms:6.1f}"
