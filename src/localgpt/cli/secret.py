"""`localgpt secret`: keys and passwords, in the system's keyring or a private file instead of the settings."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from localgpt.cli import standard_input
from localgpt.cli.group import Group
from localgpt.cli.output import Screen, dim
from localgpt.cli.state import CliState, pass_state
from localgpt.core.errors import UsageError

if TYPE_CHECKING:
    from localgpt.core.secrets import Keys


def _keys(state: CliState) -> Keys:
    from localgpt.core.secrets import Keys

    return Keys(state.home.root)


@click.group(cls=Group)
def secret() -> None:
    """Keep keys and passwords out of the settings.

    They lie in the system's keyring, where there is one and the extra "keyring" is installed, else in a file that only
    you can read. Settings name them: api_key = "secret:NAME".
    """


@secret.command("list")
@pass_state
def list_(state: CliState) -> None:
    """List the names of the keys, and where they are; the keys themselves are never shown."""
    names = _keys(state).names()
    for name, place in names.items():
        state.screen.line(name, dim(f"  {place}"))
    if not names:
        state.screen.aside("No key is kept. Keep one: localgpt secret set NAME")


@secret.command("set")
@click.argument("name")
@pass_state
def set_(state: CliState, name: str) -> None:
    """Keep a key: typed unseen, or the first line of what is piped in.

    NAME is a word of yours, or a setting such as providers.anthropic.api_key, which then refers to the key.
    """
    from localgpt.core import settings
    from localgpt.core.config import key_named
    from localgpt.core.config_names import KEPT, is_secret

    setting = "." in name and key_named(name) is not None
    if setting and not is_secret(name):
        raise UsageError(
            f"{name} is no key or password.", hint=f"Change it: localgpt config set {name} VALUE"
        )
    place = _keys(state).set(name, _typed(state.screen, name))
    state.screen.aside(f"Kept in the {'keyring' if place == 'keyring' else 'file secrets.json'}.")
    if setting:
        settings.change(state.located, name, f"{KEPT}{name}")
        state.screen.aside(f"The setting {name} refers to it.")
    else:
        state.screen.aside(f'Use it in a setting: api_key = "{KEPT}{name}"')


def _typed(screen: Screen, name: str) -> str:
    """What the owner types, or the first line of what is piped in."""
    if screen.keyboard:
        return getpass.getpass(f"{name} (it is not shown): ").strip()
    return next(standard_input.lines(screen), "").strip()


@secret.command()
@click.argument("name")
@pass_state
def remove(state: CliState, name: str) -> None:
    """Forget a key."""
    _keys(state).remove(name)
    state.screen.aside(f"{name} is forgotten; settings that refer to it find nothing now.")
