"""``localgpt desktop``: the page in a window of its own."""

from __future__ import annotations

import click

from localgpt.cli.state import CliState, pass_state
from localgpt.core.errors import UsageError


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
    from localgpt.cli.open import make_door, served
    from localgpt.desktop import opening
    from localgpt.desktop.shells import Kind, shells

    ways = [way for way in shells() if wanted in {None, way.kind.value}]
    if all(way.missing for way in ways):
        raise UsageError(
            f"There can be no window: {ways[0].missing}.",
            hint="localgpt open --print gives the page's address.",
        )
    url = served(state)
    folder = state.located.state
    page = opening.Page(lambda: make_door(folder, url), folder / "window")
    shown = opening.show(page, ways, state.screen.aside)
    if shown.kind is Kind.BROWSER:
        state.screen.line(f"{url} is open in your browser.")
