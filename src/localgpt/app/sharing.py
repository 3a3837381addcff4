"""Rooms that an assistant shares with its siblings: built once for all of them, whoever asks first, in any thread."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any, Self, TypeVar, overload

_T = TypeVar("_T")

ELDEST = "_eldest"
"""The attribute of a sibling that holds the assistant which it was made of."""
_BUILDING = "_building"


class shared(cached_property[_T]):  # noqa: N801 - it is used like property
    """A ``cached_property`` that is built on the eldest of a family, and handed to all of it."""

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> _T: ...

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Any:
        """The room; built now if nobody has asked for it yet."""
        if instance is None:
            return self
        name = self.attrname
        assert name is not None
        eldest = vars(instance).get(ELDEST, instance)
        rooms = vars(eldest)
        with rooms.setdefault(_BUILDING, threading.RLock()):
            if name not in rooms:
                rooms[name] = self.func(eldest)
        vars(instance)[name] = rooms[name]
        return rooms[name]
