"""What is looked at before a command runs: whether everything is frozen, and whether a child of ours has called it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from localgpt.core.errors import UsageError
from localgpt.daemon.routing import HANDS, STARTS, says

if TYPE_CHECKING:
    from localgpt.core.paths import Home


@contextmanager
def guarded(words: Sequence[str], locate: Callable[[], Home], *, hosted: bool) -> Iterator[None]:
    """Around a command. Raises ``FrozenError``, or ``UsageError`` for a child of ours that speaks as the owner.

    ``hosted`` is true in the daemon, which has looked who calls and has joined the family itself.
    """
    starts = says(STARTS, words)
    if not starts and not says(HANDS, words):
        yield
        return
    from localgpt.security.freeze import Freeze
    from localgpt.security.kinship import Family

    home = locate()
    family = Family(home.state)
    if starts:
        Freeze(home.state).check()
    elif not hosted and family.is_own_child(os.getpid()):
        raise UsageError(
            "A program that LocalGPT has started may not speak as its owner.",
            hint="Type it in a terminal of your own.",
        )
    if not starts or hosted or not home.root.is_dir():
        yield
        return
    family.join()
    try:
        yield
    finally:
        family.leave()
