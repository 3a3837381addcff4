"""``localgpt daemon``: the process that stays, with everything warm, and the system service that starts it."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

import click

from localgpt.cli.group import Group
from localgpt.cli.output import Screen, Styled, bold, dim, width_of
from localgpt.cli.state import CliState, pass_state

if TYPE_CHECKING:
    from localgpt.daemon.call import Call
    from localgpt.daemon.service import Done
    from localgpt.daemon.status import Status

FORMAT = click.Choice(["text", "json"])
_LABEL = 10
_COLOURS = {"failing": "red"}


@click.group(cls=Group)
def daemon() -> None:
    """Start, stop and install the process that stays.

    With it commands begin at once, there is a page in the browser, and the heartbeat works. Without it everything
    else works all the same.
    """


@daemon.command()
@click.option("-f", "--foreground", is_flag=True, help="Stay in this terminal, until Ctrl-C.")
@pass_state
def start(state: CliState, foreground: bool) -> None:
    """Start the daemon of this home."""
    _ = state.config  # what is wrong with the settings is said here
    if foreground:
        _stay(state)
        return
    from localgpt.daemon import process

    record = process.start(state.located)
    _show_started(state, record.pid)


def _stay(state: CliState) -> None:
    """Be the daemon."""
    import asyncio

    from localgpt.daemon.main import Daemon

    async def whole() -> None:
        daemon = Daemon(state.located, run_call)
        await daemon.run(lambda address: state.screen.aside(_ready(address)))

    asyncio.run(whole())


def _ready(address: str) -> str:
    return f"The daemon runs{f'; the page is at {address}' if address else ''}. Ctrl-C stops it."


def run_call(call: Call) -> int:
    """Run a command for a caller of the daemon, on the caller's own terminal."""
    from localgpt.cli.main import cli

    width = width_of(call.out, call.environ)
    screen = Screen.of((call.source, call.out, call.err), call.environ, width)
    return cli.run(call.arguments, screen=screen, host=call)


def _show_started(state: CliState, pid: int) -> None:
    state.screen.line(f"The daemon runs (process {pid}).")
    found = _asked(state)
    if found is not None and found.address:
        state.screen.line(dim(f"The page is at {found.address}; 'localgpt open' opens it."))
    for part in found.parts if found else ():
        if part.state == "failing":
            state.screen.aside(Styled(f"{part.name}: {part.problem}", fg="yellow"))


@daemon.command()
@pass_state
def stop(state: CliState) -> None:
    """Stop the daemon; turns that run may finish, or are kept as far as they came."""
    from localgpt.daemon import process

    record = process.stop(state.located, state.config.daemon.stop_grace)
    state.screen.line(f"The daemon has stopped (it was process {record.pid}).")


@daemon.command()
@pass_state
def restart(state: CliState) -> None:
    """Stop the daemon if it runs, and start it."""
    from localgpt.daemon import process

    _ = state.config
    with contextlib.suppress(process.NotRunning):
        process.stop(state.located, state.config.daemon.stop_grace)
    _show_started(state, process.start(state.located).pid)


@daemon.command()
@click.option("--format", "shape", type=FORMAT, default="text", help="As text or JSON.")
@pass_state
def status(state: CliState, shape: str) -> None:
    """Show whether the daemon runs, and how it is. The exit code is 1 where it doesn't."""
    from localgpt.core.errors import StorageError
    from localgpt.daemon import lock, process

    record = lock.running(state.located)
    if record is None:
        raise process.not_running(state.located)
    found = _asked(state)
    if found is None:
        raise StorageError(
            f"The daemon (process {record.pid}) does not answer.", hint="'localgpt daemon restart' may help."
        )
    if shape == "json":
        state.screen.json(dataclasses.asdict(found))
        return
    for label, value in _rows(found):
        state.screen.line(bold(f"{label:<{_LABEL}}"), value)


def _asked(state: CliState) -> Status | None:
    import os

    from localgpt.daemon import address, lock
    from localgpt.daemon import status as asking

    record = lock.running(state.located)
    if record is None:
        return None
    noted = [record.socket] if record.socket else address.found(os.environ, str(state.located.root))
    return next((found for path in noted if (found := asking.asked(path)) is not None), None)


def _rows(found: Status) -> list[tuple[str, str | Styled]]:
    rows: list[tuple[str, str | Styled]] = [
        ("process", f"{found.pid}, since {found.started}, version {found.version}"),
        ("home", found.home),
        ("page", found.address or "none"),
        ("now", f"{found.turns} turns, {found.commands} commands ({found.served} since the start)"),
    ]
    if found.memory_mb:
        rows.append(("memory", f"{found.memory_mb:.0f} MB"))
    if found.frozen:
        rows.append(("frozen", Styled(found.frozen, fg="red")))
    if found.problem:
        rows.append(("settings", Styled(found.problem, fg="red")))
    for part in found.parts:
        problem = f": {part.problem} (tried {part.failures} times)" if part.state == "failing" else ""
        rows.append((part.name, Styled(f"{part.state}{problem}", fg=_COLOURS.get(part.state))))
    return rows


@daemon.command()
@click.option("-f", "--follow", "following", is_flag=True, help="Go on and show what is added, until Ctrl-C.")
@click.pass_context
def logs(ctx: click.Context, following: bool) -> None:
    """Show the end of the log; 'localgpt logs' can do more."""
    from localgpt.cli.logs import logs as all_logs

    ctx.invoke(all_logs, following=following)


@daemon.command()
@pass_state
def install(state: CliState) -> None:
    """Start the daemon now and at every login: a systemd user unit, or a launchd agent. No root is needed."""
    import os

    from localgpt.core.errors import Locked
    from localgpt.daemon import lock, service

    if lock.running(state.located) is not None:
        raise Locked("The daemon runs already, not as a service.", hint="First: localgpt daemon stop")
    one = service.service(state.located, state.config.daemon.stop_grace, os.environ)
    _show_done(state, service.install(one), "Written")


@daemon.command()
@pass_state
def uninstall(state: CliState) -> None:
    """Stop the service and take it away; nothing else is deleted."""
    import os

    from localgpt.daemon import service

    one = service.service(state.located, state.config.daemon.stop_grace, os.environ)
    _show_done(state, service.uninstall(one), "Deleted")


def _show_done(state: CliState, done: Done, what: str) -> None:
    state.screen.line(f"{what}: {done.path}")
    for command in done.ran:
        state.screen.line(dim("Ran: "), command)
    if done.left:
        state.screen.aside("The rest could not be done here. Type this where you are logged in:")
        for command in done.left:
            state.screen.aside(f"  {command}")
