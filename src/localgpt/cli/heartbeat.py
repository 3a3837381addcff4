"""``localgpt heartbeat``: what is looked after unasked, what comes next and why, and what it did."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from localgpt.cli.group import Group
from localgpt.cli.output import Screen, Styled, bold, dim
from localgpt.cli.state import CliState, pass_state

if TYPE_CHECKING:
    from localgpt.app import Assistant
    from localgpt.scheduler.reports import Amount, Beat, HeartbeatStatus, Plan

_FORMAT = click.Choice(["text", "json"])
_COLOURS = {"sent": "green", "waiting": "yellow", "failed": "red", "timed_out": "red"}


@click.group(cls=Group)
def heartbeat() -> None:
    """Look after what stands in HEARTBEAT.md, unasked.

    The daemon does it by itself (localgpt daemon start); run does it once, now.
    """


@heartbeat.command()
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def status(state: CliState, shape: str) -> None:
    """Show how it stands, what comes next, and why."""
    with state.open() as (assistant, _):
        found, plan = assistant.heartbeat.status(), assistant.heartbeat.plan()
    if shape == "json":
        state.screen.json({**found.as_json(), "plan": plan.as_json()})
        return
    _show_status(state.screen, found)
    _show_plan(state.screen, plan)


@heartbeat.command()
@click.option("--dry-run", is_flag=True, help="Only show what would be sent, and to whom.")
@click.option("--due", is_flag=True, help="Only what is due, as the daemon does it.")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def run(state: CliState, dry_run: bool, due: bool, shape: str) -> None:
    """Look after everything that is open, now.

    Whether it is due or not, at whatever hour, paused or not; only the budget of the day is heeded. Exit code 1 if
    something failed.
    """

    async def work(assistant: Assistant) -> Beat:
        return await assistant.heartbeat.beat(manual=not due, dry_run=dry_run)

    beat = state.run(work)
    if shape == "json":
        state.screen.json(beat.as_json())
    else:
        _show_beat(state.screen, beat)
    if beat.status in {"failed", "timed_out"} or beat.reason == "no-model":
        raise click.exceptions.Exit(1)


@heartbeat.command()
@click.option("--limit", type=click.IntRange(1, 500), default=10, show_default=True, help="At most so many.")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def log(state: CliState, limit: int, shape: str) -> None:
    """Show what it did, the last first. Beats with nothing to do leave no line."""
    with state.open() as (assistant, _):
        entries = assistant.heartbeat.log(limit)
    if shape == "json":
        state.screen.json({"beats": entries})
        return
    if not entries:
        state.screen.aside("It has done nothing yet.")
    for entry in entries:
        when = f"{datetime.fromisoformat(entry['time']).astimezone():%Y-%m-%d %H:%M}"
        status = str(entry["status"])
        shown = Styled(f"{status:<9}", fg=_COLOURS.get(status))
        state.screen.line(bold(when), "  ", shown, "  ", str(entry["preview"]) or dim("nothing to tell"))


@heartbeat.command()
@pass_state
def pause(state: CliState) -> None:
    """Let nothing run by itself until resumed."""
    with state.open() as (assistant, _):
        assistant.heartbeat.pause()
    state.screen.line("Paused. To go on: localgpt heartbeat resume")


@heartbeat.command()
@pass_state
def resume(state: CliState) -> None:
    """Let it run by itself again; failures are forgotten."""
    with state.open() as (assistant, _):
        assistant.heartbeat.pause(False)  # noqa: FBT003 - reads as it is meant
        plan = assistant.heartbeat.plan()
    state.screen.line(f"Resumed. {plan.text}")


def _show_status(screen: Screen, found: HeartbeatStatus) -> None:
    model = f", by {found.model}" if found.model else ""
    hours = f", {found.hours}" if found.hours else ""
    screen.line(bold("Heartbeat"), f"  every {found.interval}{hours}{model}")
    screen.line(found.text if found.state == "due" else f"{found.text} {_next(found.next_at)}".rstrip())
    budget = found.budget
    parts = [_used(budget.turns, "turns"), _used(budget.tokens, "tokens"), _used(budget.usd, "US dollars")]
    screen.line(dim(f"Used today: {', '.join(parts)}."))
    if last := found.last_event:
        when = datetime.fromtimestamp(float(last["ts"]) / 1000).astimezone()
        screen.line(dim(f"Last: {when:%Y-%m-%d %H:%M}, {last['status']}. "), str(last["preview"] or ""))
    for problem in found.problems:
        screen.aside(Styled(problem, fg="yellow"))


def _show_plan(screen: Screen, plan: Plan) -> None:
    for item in plan.items:
        mark = Styled("due  ", fg="green") if item.due else dim("     ")
        later = "" if item.due else _next(item.next_at)
        screen.line("  ", mark, bold(item.name), dim(f"  ({item.kind}) "), item.why, " ", dim(later))


def _show_beat(screen: Screen, beat: Beat) -> None:
    for one in beat.would:
        where = "on this machine" if one.local else "not on this machine"
        screen.line(bold(one.name), dim(f"  to {one.model} ({where}); the answer to: {', '.join(one.to)}"))
        screen.text(f"{one.prompt}\n\n")
    for done in beat.runs:
        screen.line(Styled(f"{done.status:<9}", fg=_COLOURS.get(done.status)), "  ", bold(done.name))
        if done.text or done.error:
            screen.text(f"{done.text or done.error}\n")
        if done.ticked:
            screen.line(dim("Ticked in HEARTBEAT.md."))
        for item in done.waiting:
            screen.line(dim(f"It waits for your answer: localgpt inbox show {item}"))
    screen.aside(dim(beat.text))


def _used(amount: Amount, what: str) -> str:
    used, limit = (f"{one:,.4f}".rstrip("0").rstrip(".") for one in (amount.used, amount.limit))
    return f"{used} of {limit} {what}" if amount.limit else f"{used} {what}"


def _next(moment: datetime | None) -> str:
    return f"Next: {moment.astimezone():%Y-%m-%d %H:%M}." if moment else ""
