"""``localgpt usage``: tokens and money, by day, model, conversation or kind of work."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from localgpt.cli.output import Screen, bold, dim, fit
from localgpt.cli.parameters import Day
from localgpt.cli.state import CliState, pass_state

if TYPE_CHECKING:
    from localgpt.care.usage import Sum

_HEADS = ("requests", "turns", "in", "out", "cached", "cost")
_LEAST_BAR, _MOST_BAR = 6, 40
_LONGEST_NAME = 40
_EIGHTHS = " ▏▎▍▌▋▊▉"


@click.command(
    epilog="What a day and a turn may cost at most: localgpt config set budget.day_usd 2, budget.turn_usd, "
    "budget.day_tokens."
)
@click.option(
    "--by",
    type=click.Choice(["day", "model", "session", "kind"]),
    default="day",
    show_default=True,
    help="What the figures are put together by.",
)
@click.option("--since", type=Day(), metavar="DAY", help="From this day on.")
@click.option("--until", type=Day(), metavar="DAY", help="Up to this day, included.")
@click.option(
    "--format", "shape", type=click.Choice(["text", "json"]), default="text", help="As text or JSON."
)
@pass_state
def usage(state: CliState, by: str, since: str | None, until: str | None, shape: str) -> None:
    """Show what models were used for, and what it cost.

    "in" is all that a model read; "cached" is the share of it that came from the vendor's cache. Models on this machine
    cost nothing; "?" stands where nobody here knows the price.
    """
    from localgpt.care.usage import KINDS, By, requests, summed
    from localgpt.core.journal import Journal

    entries = Journal(state.home.journal).entries(*KINDS)
    rows, whole = summed(requests(entries, since or "", until or ""), By(by))
    if shape == "json":
        state.screen.json({"by": by, "rows": [row.as_json() for row in rows], "total": whole.as_json()})
    elif not rows:
        when = " in these days" if since or until else " yet"
        state.screen.aside(f"No model was asked anything{when}.")
    else:
        names = _titles(state, rows) if by == "session" else {}
        show(state.screen, rows, whole, names)


def _titles(state: CliState, rows: Sequence[Sum]) -> dict[str, str]:
    """How conversations are called here: the beginning of the id, as it is typed, and the title."""
    from localgpt.agent.sessions import Sessions

    titles = {info.id: info.title for info in Sessions(state.home.sessions).list(10_000)}
    return {row.key: f"{row.key[:8]} {titles.get(row.key, '')}".strip() for row in rows}


def show(screen: Screen, rows: Sequence[Sum], whole: Sum, names: Mapping[str, str]) -> None:
    """Print the table, with a bar for each row where there is room: of money, or of tokens where all is free."""
    labels = [names.get(row.key, row.key) or "(none)" for row in rows]
    cells = [_cells(row) for row in (*rows, whole)]
    widths = [max(len(head), *(len(row[at]) for row in cells)) for at, head in enumerate(_HEADS)]
    figures = sum(widths) + 2 * len(widths)
    longest = min(_LONGEST_NAME, max(map(columns, [*labels, "total"])), max(10, screen.width - figures - 1))
    room = min(_MOST_BAR, screen.width - 1 - longest - figures - 2)
    shares = _shares(rows) if room >= _LEAST_BAR else []
    screen.line(dim(_line("", longest, _HEADS, widths)))
    for at, label in enumerate(labels):
        bar = f"  {_bar(shares[at], room)}" if shares else ""
        screen.line(_line(label, longest, cells[at], widths), dim(bar.rstrip()))
    screen.line(bold(_line("total", longest, cells[-1], widths)))


def _line(label: str, longest: int, cells: Sequence[str], widths: Sequence[int]) -> str:
    name = fit(label, longest)
    gap = " " * (longest - columns(name))
    figures = "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    return name + gap + figures


def columns(text: str) -> int:
    """How wide a text is on a terminal."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _cells(row: Sum) -> tuple[str, ...]:
    return (
        str(row.requests),
        str(row.turns),
        count(row.usage.prompt_tokens),
        count(row.usage.output_tokens),
        f"{row.cached:.0%}",
        cost(row),
    )


def count(tokens: int) -> str:
    """Tokens in a few characters: ``950``, ``34.1k``, ``2.3M``."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if tokens >= size - size // 2000:  # 999,950 is 1.0M and not 1000.0k
            return f"{tokens / size:.1f}{unit}"
    return str(tokens)


def cost(row: Sum) -> str:
    """Money, with a mark where some of it is not known."""
    from localgpt.agent.budget import money

    if row.unpriced and not row.usage.cost_usd:
        return "?"
    return money(row.usage.cost_usd) + (" + ?" if row.unpriced else "")


def _shares(rows: Sequence[Sum]) -> list[float]:
    """The length of each row's bar, 0 to 1."""
    paid = any(row.usage.cost_usd for row in rows)
    values = [row.usage.cost_usd if paid else float(row.usage.tokens) for row in rows]
    most = max(values)
    return [value / most if most else 0.0 for value in values]


def _bar(share: float, room: int) -> str:
    whole, rest = divmod(round(share * room * 8), 8)
    return "█" * whole + _EIGHTHS[rest].strip()
