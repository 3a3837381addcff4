"""``localgpt desktop``: the page in a window of its own."""

from __future__ import annotations

import contextlib
import time

import click

from localgpt.cli.state import CliState, pass_state
from localgpt.core.errors import Locked, UsageError

_PATIENCE = 15.0
"""Seconds for a daemon that has just begun to serve its page; it is ready for commands before that."""
_GLANCE = 0.05


@click.command()
@click.option(
    "--in",
    "wanted",
    type=click.Choice(["native", "app", "browser"]),
    help="Only so: a native window, a window of Chromium, the browser.",
)
@pass_state
def desktop(state: CliState, wanted: str | None) -> None:
    """Open the page in a window of its own, logged in.

    The daemon is started if it doesn't run, and goes on when the window is closed. A native window needs the extra
    'desktop'; without it a Chromium shows the page, else your browser, and it says which.
    """
    from localgpt.cli.open import make_door
    from localgpt.desktop import opening
    from localgpt.desktop.shells import Kind, shells

    ways = [way for way in shells() if wanted in {None, way.kind.value}]
    if all(way.missing for way in ways):
        raise UsageError(
            f"There can be no window: {ways[0].missing}.", hint="localgpt open --print gives the page's address."
        )
    url = served(state)
    folder = state.located.state
    page = opening.Page(lambda: make_door(folder, url), folder / "window")
    shown = opening.show(page, ways, state.screen.aside)
    if shown.kind is Kind.BROWSER:
        state.screen.line(f"{url} is open in your browser.")


def served(state: CliState) -> str:
    """Where the page is served; a daemon is started if none runs."""
    from localgpt.cli.open import running_at
    from localgpt.daemon import lock, process

    _ = state.config  # what is wrong with the settings is said here
    if lock.running(state.located) is None:
        with contextlib.suppress(Locked):  # somebody else was quicker
            process.start(state.located)
            state.screen.aside("The daemon was started; 'localgpt daemon stop' stops it.")
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            return running_at(state.located.state)
        except UsageError:
            if time.monotonic() > end:
                raise UsageError(
                    "The daemon serves no page.", hint="'localgpt daemon status' says why; see server.enabled too."
                ) from None
        time.sleep(_GLANCE)
