"""``localgpt memory``, ``search`` and ``remember``: what is remembered, from the command line."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import click

from localgpt.cli import parameters, standard_input
from localgpt.cli.group import Group
from localgpt.cli.output import Screen, Styled, bold, dim, fit
from localgpt.cli.parameters import Day
from localgpt.cli.passages import show_found
from localgpt.cli.quality import forget_cases, test
from localgpt.cli.state import CliState, pass_state
from localgpt.cli.vectors import model
from localgpt.core.errors import UsageError
from localgpt.core.values import Span

if TYPE_CHECKING:
    from localgpt.app import Assistant
    from localgpt.memory.index import IndexStats, Progress
    from localgpt.memory.statistics import Recent

FORMAT = click.Choice(["text", "json"])
_DAY_HELP = "2026-11-23, today, yesterday, or 7d for seven days ago (w, m, y: weeks, months, years)"


@click.group(cls=Group)
def memory() -> None:
    """Search, read and look after what is remembered."""


memory.add_command(test)
memory.add_command(forget_cases)
memory.add_command(model)


@memory.command()
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="At most so many passages."
)
@click.option("--since", type=Day(), metavar="DAY", help=f"Only from this day on: {_DAY_HELP}.")
@click.option("--until", type=Day(), metavar="DAY", help="Only up to this day.")
@click.option(
    "--in", "within", type=click.Choice(["all", "notes", "sessions"]), default="all", help="Where to look."
)
@click.option("--explain", is_flag=True, help="Say why each passage was found.")
@click.option(
    "--expect",
    metavar="PATH[:A-B]",
    default="",
    help="Say of this note why it did not come, or at which rank.",
)
@click.option("--format", "shape", type=FORMAT, default="text", help="As text or JSON.")
@pass_state
def search(
    state: CliState,
    query: tuple[str, ...],
    limit: int,
    since: str | None,
    until: str | None,
    within: Literal["all", "notes", "sessions"],
    explain: bool,
    expect: str,
    shape: str,
) -> None:
    """Search your notes and conversations.

    Words and meaning both count; write the question as you would ask it. What you saved a second ago is found.
    """
    since, until = since or "", until or ""
    if since and until and since > until:
        raise UsageError(f"--since {since} is after --until {until}.", hint="Exchange them.")
    with state.open() as (assistant, _):
        from localgpt.memory.search import Query

        if not assistant.home.index.exists():
            assistant.index.catch_up(_progress(state.screen, "Reading your notes for the first time"))
        asked = Query(
            " ".join(query),
            limit=limit,
            since=since,
            until=until,
            within=within,
            explain=explain or shape == "json",
        )
        found = assistant.searcher.search(asked)  # in this thread, so that Ctrl-C ends it at once
        expected = assistant.explained(asked, found, expect) if expect else None
        assistant.learning.searched(asked.text, found.hits)
        counsel = assistant.counsel()
    show_found(state.screen, found, shape=shape, explain=explain, expected=expected)
    for sentence in counsel:
        state.screen.aside(dim(sentence))


@memory.command()
@click.argument("place", metavar="PATH[:A-B]")
@pass_state
def get(state: CliState, place: str) -> None:
    """Print a note or conversation, or lines A to B of it.

    PATH is as a search shows it: memory/2026-11-23.md:4-9, or session:<id>:12.
    """
    try:
        path, start, end = parameters.place(place)
    except ValueError as error:
        raise UsageError(str(error)) from error

    async def work(assistant: Assistant) -> tuple[str, int]:
        note = await assistant.get(path, start, end)
        assistant.learning.got(path, start, end)
        return note.text, note.total

    text, total = state.run(work)
    if start > max(total, 1):
        raise UsageError(f"{path} ends at line {total}; there is no line {start}.")
    state.screen.text(text if text.endswith("\n") or not text else text + "\n")


@memory.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="At most so many.")
@click.option("--format", "shape", type=FORMAT, default="text", help="As text or JSON.")
@pass_state
def recent(state: CliState, limit: int, shape: str) -> None:
    """List the notes and conversations that changed last."""
    items = state.run(lambda assistant: assistant.recent(limit))
    if shape == "json":
        state.screen.json({"recent": [_recent_json(item) for item in items]})
        return
    if not items:
        state.screen.aside("There is nothing yet.")
    for item in items:
        when = f"{_time(item):%Y-%m-%d %H:%M}"
        state.screen.line(dim(f"{when}  "), bold(str(Span(item.path, item.start, item.end))))
        state.screen.line(f"    {fit(item.text.strip(), state.screen.width - 4)}")


def _recent_json(item: Recent) -> dict[str, Any]:
    return {
        "path": item.path,
        "source": item.source,
        "changed": _time(item).isoformat(timespec="seconds"),
        "start": item.start,
        "end": item.end,
        "text": item.text,
        "heading": item.heading,
        "date": item.date,
    }


def _time(item: Recent) -> datetime:
    return datetime.fromtimestamp(item.modified_ns / 1e9).astimezone()


@memory.command()
@click.option("--format", "shape", type=FORMAT, default="text", help="As text or JSON.")
@pass_state
def stats(state: CliState, shape: str) -> None:
    """Show how much is remembered and how far the index is."""
    found = state.run(lambda assistant: assistant.stats())
    if shape == "json":
        state.screen.json(dataclasses.asdict(found))
        return
    show_stats(state.screen, found)


def show_stats(screen: Screen, stats: IndexStats) -> None:
    """The index in figures, a line each."""
    vectors = f"{stats.vectors} by {stats.model}" if stats.model else "none: search by words only"
    waiting = f", {stats.pending} still to do" if stats.pending else ""
    rows = {
        "notes": str(stats.notes),
        "sessions": str(stats.sessions),
        "passages": str(stats.chunks),
        "vectors": vectors + waiting,
        "index": f"{stats.path} ({stats.bytes / 1e6:.1f} MB; may be deleted at any time)",
    }
    for name, value in rows.items():
        screen.line(bold(f"{name:<10}"), value)
    for skipped in stats.skipped:
        screen.line(dim("left out  "), f"{skipped.path}: {skipped.reason}")


@memory.command()
@click.option("--force", is_flag=True, help="Throw the index away first and read everything again.")
@pass_state
def reindex(state: CliState, force: bool) -> None:
    """Bring the search index up to date, vectors included.

    Searches do the first part by themselves; this waits until all is done. Ctrl-C stops it; what is done is kept.
    """
    with state.open() as (assistant, _):
        index = assistant.index  # in this thread, so that Ctrl-C ends it at once
        read = index.rebuild if force else index.catch_up
        read(_progress(state.screen, "Reading"))
        index.embed(progress=_progress(state.screen, "Making vectors"))
        state.screen.progress("")
        show_stats(state.screen, index.stats())


def _progress(screen: Screen, what: str) -> Progress:
    return lambda done, whole: screen.progress(f"{what}: {done} of {whole}" if done < whole else "")


@click.command()
@click.argument("text", nargs=-1)
@click.option(
    "--to",
    metavar="WHERE",
    default="daily",
    show_default=True,
    help="daily (today's note), memory (MEMORY.md), user (USER.md), or the path of a note.",
)
@pass_state
def remember(state: CliState, text: tuple[str, ...], to: str) -> None:
    """Write something down in your notes.

    Without TEXT, or with -, what is piped in is written down.
    """
    words = " ".join(text)
    if words in {"", "-"}:
        words = standard_input.read(state.screen)
    if not words.strip():
        raise UsageError(
            "There is nothing to remember.", hint='Like this: localgpt remember "The bike code is 4711"'
        )

    async def work(assistant: Assistant) -> Any:
        return await assistant.remember(words, to)

    done = state.run(work)
    if done.change is None:
        state.screen.line(dim("= "), str(done.span), dim("  (it was there already)"))
    else:
        state.screen.line(Styled("+ ", fg="green"), str(done.span))
