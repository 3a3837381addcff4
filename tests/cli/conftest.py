"""Running the command line inside the test's process, and a screen that can be read."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from localgpt.cli.main import cli
from localgpt.cli.output import Screen
from localgpt.core.paths import Home


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    out: str
    err: str
    code: int


@pytest.fixture
def run() -> Callable[..., Ran]:
    """``run("memory", "stats", input="...")`` as if typed in a pipe."""

    def call(*arguments: str, input: str | bytes = "") -> Ran:  # noqa: A002 - click's name
        done = CliRunner().invoke(cli, list(arguments), input=input)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Ran(done.stdout, done.stderr, done.exit_code)

    return call


@pytest.fixture
def make_screen() -> Callable[..., Screen]:
    """A screen on two strings: a colourless terminal unless told otherwise."""

    def make(*, terminal: bool = True, colour: bool = False, width: int = 80, source: str = "") -> Screen:
        return Screen(
            io.StringIO(),
            io.StringIO(),
            io.TextIOWrapper(io.BytesIO(source.encode())),
            terminal=terminal,
            errors_terminal=terminal,
            colour=colour,
            width=width,
        )

    return make


@pytest.fixture
def shown() -> Callable[[Screen], str]:
    """What a screen's standard output holds."""
    return lambda screen: screen.out.getvalue()  # type: ignore[union-attr]


@pytest.fixture
def said() -> Callable[[Screen], str]:
    """What a screen's standard error holds."""
    return lambda screen: screen.err.getvalue()  # type: ignore[union-attr]


@pytest.fixture
def quick(home: Home) -> Home:
    """The test's home, with search by words only: loading the embedding model takes half a second."""
    home.root.mkdir(mode=0o700)
    home.config.write_text('[memory]\nembedding_provider = "none"\n')
    home.config.chmod(0o600)
    return home
