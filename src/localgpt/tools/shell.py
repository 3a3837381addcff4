"""Tools that run commands behind the sandbox's walls: one at once, or in the background with a handle."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from localgpt.core.errors import ToolError
from localgpt.core.values import Effect, EffectKind
from localgpt.security.policy import ANYWHERE
from localgpt.security.sandbox.plan import FULL, NONE
from localgpt.tools.base import Arguments, Effects, Tool, ToolContext, ToolOutput, tool

if TYPE_CHECKING:
    from localgpt.tools.shell_room import ShellRoom

LONGEST_COMMAND = 100_000
"""Bytes of a command; the kernel takes no argument of 128 KiB."""
_RIGHTS = "/ (rights and times)"
"""What weaker walls leave open outside the folders, so that no mode for a folder lets such a command pass unasked."""
_ANY = TypeVar("_ANY")


def shell_tools(room: Callable[[], ShellRoom], strength: Callable[[], str]) -> tuple[Tool, Tool]:
    """``shell`` and ``process``. The ``room`` is made when a command first runs; ``strength`` tells which walls stand
    (``full``, ``weaker``, ``none``).
    """

    @tool(effects=_effects_of(strength))
    async def shell(
        context: ToolContext,
        command: Annotated[str, "For bash."],
        timeout: Annotated[int, "Seconds."] = 0,  # noqa: ASYNC109 - the name models know
        background: Annotated[bool, "Gives a handle for process."] = False,
        network: bool = False,
        folders: Annotated[list[str], "More to write in."] = [],  # noqa: B006 - the tool copies it
    ) -> ToolOutput:
        """Run a command in the workspace, in a sandbox."""
        wish = (command, timeout, network, tuple(map(_absolute, folders)))
        if background:
            return await asyncio.to_thread(room().start, context, *wish)
        stop = threading.Event()
        return await _in_thread(lambda: room().run(context, *wish, stop), stop)

    @tool(effects=_effects_on(room, strength))
    async def process(
        context: ToolContext,
        action: Literal["poll", "send", "kill", "list"],
        handle: str = "",
        text: Annotated[str, "To type; Enter is \\n."] = "",
    ) -> ToolOutput:
        """Look after a background command."""
        return await asyncio.to_thread(room().process, context, action, handle, text)

    return shell, process


def _effects_of(strength: Callable[[], str]) -> Effects:
    def effects(arguments: Arguments, _context: ToolContext) -> tuple[Effect, ...]:
        command = checked(arguments["command"])
        folders = {_absolute(folder): folder for folder in arguments["folders"]}
        walls = strength()
        if walls == NONE:
            return (
                Effect(EffectKind.RUNS, command, sensitive=(command,)),
                Effect(EffectKind.WRITES, ANYWHERE, sensitive=(ANYWHERE,), loses=True),
                Effect(EffectKind.SENDS, "network"),
            )
        walled = not arguments["network"] and not folders
        found = [Effect(EffectKind.RUNS, command, sensitive=(command,), walled=walled)]
        found += [
            Effect(EffectKind.WRITES, f"{folder}/", sensitive=(said,), loses=True)
            for folder, said in folders.items()
        ]
        found += [Effect(EffectKind.WRITES, _RIGHTS)] if folders and walls != FULL else []
        found += [Effect(EffectKind.SENDS, "network")] if arguments["network"] else []
        return tuple(found)

    return effects


def _effects_on(room: Callable[[], ShellRoom], strength: Callable[[], str]) -> Effects:
    def effects(arguments: Arguments, context: ToolContext) -> tuple[Effect, ...]:
        handle, text = arguments["handle"], arguments["text"]
        if arguments["action"] != "send":
            return (Effect(EffectKind.READS, f"command {handle}".strip()),)
        walled = strength() != NONE and room().is_walled(handle, context.author.session)
        typed = Effect(EffectKind.RUNS, f"{handle}: {text}", sensitive=(text,), walled=walled)
        anywhere = Effect(EffectKind.WRITES, ANYWHERE, sensitive=(ANYWHERE,), loses=True)
        return (typed, anywhere) if strength() == NONE else (typed,)

    return effects


def checked(command: str) -> str:
    """The command, if it can be one. Raises ``ToolError``."""
    if not command.strip():
        raise ToolError("There is no command to run.", hint="Give one line for the shell, like: ls -l")
    if "\0" in command:
        raise ToolError("A command can't hold NUL characters.", hint="Write them with printf '\\0' in it.")
    if (size := len(command.encode("utf-8", "replace"))) > LONGEST_COMMAND:
        raise ToolError(
            f"The command has {size:,} bytes; it may have {LONGEST_COMMAND:,}.",
            hint="Write it into a file with write_file and run that.",
        )
    return command


def _absolute(folder: str) -> str:
    path = Path(folder).expanduser()
    if not path.is_absolute() or "\0" in folder:
        raise ToolError(f"{folder[:80]!r} is not a whole path.", hint="Folders begin with / or ~/.")
    return os.path.realpath(path)  # what is opened, so that nobody is asked about a link


async def _in_thread(work: Callable[[], _ANY], stop: threading.Event) -> _ANY:
    """What ``work`` gives, from a thread of its own: it may last. Cancelled, it is told to stop, and awaited."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_ANY] = loop.create_future()

    def tell(result: _ANY | None, error: BaseException | None) -> None:
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, broken = None, None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - handed to whoever awaits it
            broken = error
        loop.call_soon_threadsafe(tell, result, broken)

    threading.Thread(target=run, name="command", daemon=True).start()
    stopped: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            stopped = error
            stop.set()
    if stopped is not None:
        future.exception()
        raise stopped
    return future.result()
