"""``localgpt logs``: what the program wrote about itself."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from localgpt.cli.output import Screen, Styled
from localgpt.cli.parameters import Day
from localgpt.cli.state import CliState, pass_state

if TYPE_CHECKING:
    from localgpt.core.log_reading import Line

_COLOURS = {"warning": "yellow", "error": "red", "critical": "red"}
_AGO = re.compile(r"(\d{1,4}) ?(min|h)")


class Since(Day):
    """A day as everywhere, or some minutes (``30min``) or hours (``2h``) ago."""

    name = "since"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The moment as ISO text, in local time."""
        found = _AGO.fullmatch(value.strip())
        if found is None:
            return f"{super().convert(value, param, ctx)}T00:00:00"
        minutes = int(found[1]) * (60 if found[2] == "h" else 1)
        return (datetime.now().astimezone() - timedelta(minutes=minutes)).isoformat()


@click.command()
@click.option("-f", "--follow", "following", is_flag=True, help="Go on and show what is added, until Ctrl-C.")
@click.option(
    "--level",
    type=click.Choice(["error", "warning", "info", "debug"]),
    default="debug",
    help="Only this and worse.",
)
@click.option(
    "--since", type=Since(), metavar="WHEN", help="Only from then on: 30min, 2h, today, 2026-11-23."
)
@click.option(
    "-n",
    "--lines",
    "most",
    type=click.IntRange(0, 100_000),
    default=50,
    show_default=True,
    help="At most so many (0: all).",
)
@click.option(
    "--format", "shape", type=click.Choice(["text", "json"]), default="text", help="As text or JSON."
)
@pass_state
def logs(state: CliState, following: bool, level: str, since: str | None, most: int, shape: str) -> None:
    """Show what the program wrote about itself.

    The daemon tells what it does, other commands only what went wrong. How much of it is kept, and for how long, say
    logging.level and logging.retention_days.
    """
    from localgpt.core import log_reading

    folder = state.located.logs
    added = log_reading.follow(folder, level=level)
    begin = datetime.fromisoformat(since).astimezone() if since else None
    found = log_reading.lines(folder, level=level, since=begin, most=most)
    if not found and not following:
        state.screen.aside(
            "There is nothing in the logs" + (" of that kind." if folder.exists() else " yet.")
        )
    for line in found:
        _show(state.screen, line, shape)
    while following:
        _show(state.screen, next(added), shape)


def _show(screen: Screen, line: Line, shape: str) -> None:
    if shape == "json":
        screen.write(json.dumps(line.as_json(), ensure_ascii=True) + "\n")
    else:
        colour = _COLOURS.get(line.level)
        screen.line(Styled(line.text, fg=colour, dim=None if colour or line.level == "info" else True))
