"""What every command is handed: the owner's home, the settings and the assistant, each made when first needed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from localgpt.cli.output import Screen
from localgpt.core import paths
from localgpt.core.paths import Home

if TYPE_CHECKING:
    from localgpt.app import Assistant
    from localgpt.core.config import Config

T = TypeVar("T")

DOOR = "terminal"


class Runner(Protocol):
    """What runs coroutines for a command, one after the other."""

    def run(self, coro: Coroutine[Any, Any, T], /) -> T:
        """Run one to its end; Ctrl-C cancels it and raises ``KeyboardInterrupt``."""
        ...


class Host(Runner, Protocol):
    """A process in which a command runs for a caller elsewhere: the daemon. It has everything warm."""

    @property
    def folder(self) -> str:
        """The caller's folder; empty if it is gone."""
        ...

    @property
    def located(self) -> Home:
        """The home before its settings are read."""
        ...

    def lend(self, model: str | None, *, local: bool) -> contextlib.AbstractContextManager[Assistant]:
        """The shared assistant, with a choice of model of its own."""
        ...

    def confirm(self, question: str) -> bool | None:
        """Ask the person at the caller's terminal; ``None`` when they go away."""
        ...

    def flush(self) -> None:
        """Wait until all that was printed is out."""
        ...


class CliState:
    """One call of the command line: its global options, its screen, and what is built from them.

    With ``host`` the command runs in a daemon, for a caller elsewhere.
    """

    def __init__(
        self,
        screen: Screen,
        *,
        home: str | None = None,
        profile: str | None = None,
        verbose: bool = False,
        host: Host | None = None,
    ) -> None:
        self.screen = screen
        self.verbose = verbose
        self._host = host
        self._home, self._profile = home, profile

    @cached_property
    def located(self) -> Home:
        """The home before its settings are read: what commands need that repair the settings."""
        if self._host is not None:
            return self._host.located
        return paths.locate(home=self._home, profile=self._profile)

    @cached_property
    def config(self) -> Config:
        """The settings; a broken file is a ``ConfigError``."""
        from localgpt.core import config

        return config.load(self.located)

    @cached_property
    def home(self) -> Home:
        """The home with its workspace where the settings say."""
        from localgpt.core.config import workspace_of

        return workspace_of(self.located, self.config)

    def assistant(self, model: str | None = None, *, local: bool = False) -> Assistant:
        """A new assistant of this home; use it in ``async with``."""
        from localgpt.app import Assistant
        from localgpt.core import logs

        assistant = Assistant(self.located, model=model, door=DOOR, local=local)
        logs.setup(assistant.home, assistant.config, verbose=self.verbose)
        return assistant

    @contextlib.contextmanager
    def open(self, model: str | None = None, *, local: bool = False) -> Iterator[tuple[Assistant, Runner]]:
        """An assistant, started, and what runs its coroutines (Ctrl-C cancels the one that runs); closed at the end."""
        if self._host is not None:
            with self._host.lend(model, local=local) as lent:
                lent.start()
                yield lent, self._host
            return
        import asyncio

        with asyncio.Runner() as runner:
            assistant = self.assistant(model, local=local)
            assistant.start()
            try:
                yield assistant, runner
            finally:
                assistant.keep_history(look=False)
                runner.run(assistant.aclose())

    def run(
        self,
        work: Callable[[Assistant], Coroutine[Any, Any, T]],
        *,
        model: str | None = None,
        local: bool = False,
    ) -> T:
        """Run ``work`` with an assistant that is closed afterwards, however it ends."""
        with self.open(model, local=local) as (assistant, runner):
            return runner.run(work(assistant))

    @property
    def folder(self) -> Path:
        """The folder that the command was started in. Raises ``FileNotFoundError`` if it is gone."""
        if self._host is None:
            return Path.cwd()
        if not self._host.folder:
            raise FileNotFoundError
        return Path(self._host.folder)

    @property
    def asks(self) -> bool:
        """Whether there is a person at a terminal to ask."""
        return self.screen.keyboard and self.screen.errors_terminal

    def confirm(self, question: str, option: str) -> bool:
        """Ask the person at the terminal; ``option`` is what says yes where there is none (``UsageError``)."""
        from localgpt.core.errors import UsageError

        if not self.asks:
            raise UsageError("There is no terminal to ask at.", hint=f"Say it with {option}.")
        from localgpt.security.content import visible

        if self._host is None:
            return click.confirm(visible(question), err=True)
        answer = self._host.confirm(visible(question))
        if answer is None:
            raise click.Abort
        return answer


pass_state = click.make_pass_decorator(CliState)
