"""What the owner has allowed beforehand: for a conversation, or for good.

``GrantBook`` is a value that ``policy.decide`` looks things up in; ``Grants`` keeps them. Standing ones are
``[[security.grants]]`` in ``config.toml``, those of a conversation ``state/grants.json``. What is not understood grants
nothing, and is told.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from localgpt.core import config, files
from localgpt.core.errors import ConfigError, NotFound, UsageError
from localgpt.core.redact import redact
from localgpt.core.values import Approval, Choice, Effect
from localgpt.security import grant_file
from localgpt.security.grant import Grant, GrantBook, arguments_hash, effect_hash, never, refusal

__all__ = ["Grant", "GrantBook", "Grants", "never", "refusal"]

SESSION_HOURS = 24
"""A conversation's grants end with it; it counts as ended a day after the last one was given."""
_LONGEST = 200

_Stamp = tuple[tuple[int, int, int] | None, tuple[int, int, int] | None]


class Grants:
    """The grants of one home: ``config_file`` is its ``config.toml``, ``state_folder`` its ``state``."""

    def __init__(self, config_file: Path, state_folder: Path) -> None:
        self._config = config_file
        self._state = state_folder
        self._file = state_folder / "grants.json"
        self._stamp: _Stamp | None = None
        self._read: tuple[tuple[Grant, ...], tuple[str, ...]] = ((), ())

    def book(self, session: str = "") -> GrantBook:
        """What counts in a conversation: its own grants, and the standing ones."""
        return GrantBook(tuple(one for one in self.list() if one.session in {"", session}))

    def list(self) -> tuple[Grant, ...]:
        """All grants, the standing ones first."""
        return tuple(one for one in self._now()[0] if not one.session or not _is_over(one))

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each grant in the settings that is not understood, and so grants nothing."""
        return self._now()[1]

    def remember(self, approval: Approval, choice: Choice) -> Grant | None:
        """Keep an answer that counts for longer than once; ``None`` for one that doesn't.

        ``ALWAYS`` is for this exact thing: the same tool, arguments and effects. ``SESSION`` is the same for the rest of
        the conversation. Raises ``UsageError`` for what may never be granted.
        """
        if choice not in {Choice.SESSION, Choice.ALWAYS}:
            return None
        if choice is Choice.SESSION and not approval.session:
            raise UsageError("There is no conversation for which this could count.", hint="Allow it once.")
        for effect in approval.effects:
            if reason := never(effect):
                raise UsageError(f"This can't be allowed beforehand: {reason}.", hint="Allow it once.")
        return self._keep(_exact(approval, approval.session if choice is Choice.SESSION else ""))

    def add(self, grant: Grant) -> Grant:
        """Keep a grant that the owner has worded. Raises ``UsageError`` for one that may never be given."""
        if reason := refusal(grant):
            raise UsageError(f"This can't be granted: {reason}.", hint="localgpt grants add --help")
        return self._keep(grant)

    def revoke(self, reference: str) -> Grant:
        """Take a grant back by its id, or the beginning of one. Raises ``NotFound``, ``UsageError`` where several fit."""
        found = self._found(reference)
        if found.session:
            self._change_sessions(lambda held: [one for one in held if one.id != found.id])
        else:
            self._change_config(lambda text: grant_file.without(text, found.id))
        return found

    def end(self, session: str) -> None:
        """Forget what was granted for a conversation."""
        if any(one.session == session for one in self._now()[0]):
            self._change_sessions(lambda held: [one for one in held if one.session != session])

    def _found(self, reference: str) -> Grant:
        fitting = [one for one in self.list() if reference and one.id.startswith(reference)]
        if not fitting:
            raise NotFound(f"There is no grant {reference!r}.", hint="List them: localgpt grants")
        if len({one.id for one in fitting}) > 1:
            names = ", ".join(one.id for one in fitting)
            raise UsageError(f"Several grants begin with {reference}: {names}.", hint="Give more of it.")
        return fitting[0]

    def _keep(self, grant: Grant) -> Grant:
        if grant.session:
            self._change_sessions(lambda held: [*(one for one in held if one.id != grant.id), grant])
        elif all(one.id != grant.id for one in self.list()):
            self._change_config(lambda text: grant_file.with_grant(text, grant))
        return grant

    # -- files

    def _now(self) -> tuple[tuple[Grant, ...], tuple[str, ...]]:
        stamp = (_stamp(self._config), _stamp(self._file))
        if stamp != self._stamp:
            standing, problems = _standing(self._config)
            self._read = ((*standing, *_of_sessions(self._file)), problems)
            self._stamp = stamp
        return self._read

    def _change_config(self, edit: Any) -> None:
        with self._locked():
            old = config.source(self._config)
            config.parse(old, str(self._config))  # for an error that names the file
            files.replace(self._config, edit(old).encode(), mode=files.PRIVATE_FILE)
        self._stamp = None

    def _change_sessions(self, edit: Any) -> None:
        with self._locked():
            held = [one for one in _of_sessions(self._file) if not _is_over(one)]
            told = [grant_file.as_table(one) for one in edit(held)]
            files.replace(self._file, json.dumps(told, indent=1).encode(), mode=files.PRIVATE_FILE)
        self._stamp = None

    def _locked(self) -> Any:
        for folder in (self._config.parent, self._state):
            files.make_folder(folder, mode=files.PRIVATE_FOLDER)
        return files.lock(self._state / "config.lock")


def _exact(approval: Approval, session: str) -> Grant:
    """A grant for exactly what is asked."""
    first = approval.effects[0] if approval.effects else None
    if first is None:
        raise UsageError("This call does nothing that could be granted.", hint="Allow it once.")
    return Grant(
        id="",
        tool=approval.call.name,
        kind=first.kind,
        target=redact(first.target)[:_LONGEST],
        arguments_sha256=arguments_hash(approval.call),
        effects=_effects(approval.effects),
        session=session,
        who=approval.door,
        when=datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        why=redact(approval.reason)[:_LONGEST],
    ).named()


def _effects(effects: Iterable[Effect]) -> tuple[str, ...]:
    return tuple(sorted({effect_hash(effect) for effect in effects}))


def _standing(path: Path) -> tuple[tuple[Grant, ...], tuple[str, ...]]:
    try:
        return grant_file.standing(config.source(path), str(path))
    except ConfigError as error:
        return (), (f"{error.message} No grant counts until that is repaired.",)


def _of_sessions(path: Path) -> tuple[Grant, ...]:
    try:
        held = json.loads(path.read_bytes())
    except (OSError, ValueError):  # nothing is granted by what can't be read
        return ()
    found = (grant_file.of_table(one) for one in held) if isinstance(held, list) else ()
    return tuple(one for one in found if isinstance(one, Grant) and one.session)


def _is_over(grant: Grant) -> bool:
    try:
        given = datetime.fromisoformat(grant.when)
        age = datetime.now(UTC) - given
    except (ValueError, TypeError):
        return True
    return not timedelta(minutes=-5) <= age <= timedelta(hours=SESSION_HOURS)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - each call of a tool looks
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
