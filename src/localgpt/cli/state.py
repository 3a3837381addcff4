"""What every command is handed: the owner's home, the settings and the assistant, each made when first needed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import click

from localgpt.cli.output import Screen
from localgpt.core import paths
from localgpt.core.paths import Home

if TYPE_CHECKING:
    import asyncio

    from localgpt.app import Assistant
    from localgpt.core.config import Config

T = TypeVar("T")

DOOR = "terminal"


class CliState:
    """One call of the command line: its global options, its screen, and what is built from them."""

    def __init__(
        self, screen: Screen, *, home: str | None = None, profile: str | None = None, verbose: bool = False
    ) -> None:
        self.screen = screen
        self.verbose = verbose
        self._home, self._profile = home, profile

    @cached_property
    def located(self) -> Home:
        """The home before its settings are read: what commands need that repair the settings."""
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
    def open(
        self, model: str | None = None, *, local: bool = False
    ) -> Iterator[tuple[Assistant, asyncio.Runner]]:
        """An assistant, started, and what runs its coroutines (Ctrl-C cancels the one that runs); closed at the end."""
        import asyncio

        with asyncio.Runner() as runner:
            assistant = self.assistant(model, local=local)
            assistant.start()
            try:
                yield assistant, runner
            finally:
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
    def asks(self) -> bool:
        """Whether there is a person at a terminal to ask."""
        return self.screen.keyboard and self.screen.errors_terminal

    def confirm(self, question: str, option: str) -> bool:
        """Ask the person at the terminal; ``option`` is what says yes where there is none (``UsageError``)."""
        from localgpt.core.errors import UsageError

        if not self.asks:
            raise UsageError("There is no terminal to ask at.", hint=f"Say it with {option}.")
        from localgpt.security.content import visible

        return click.confirm(visible(question), err=True)


pass_state = click.make_pass_decorator(CliState)
