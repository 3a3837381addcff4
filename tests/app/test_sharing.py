"""Rooms that are built once for a whole family of assistants."""

from __future__ import annotations

import threading
import time

from localgpt.app.sharing import ELDEST, shared


class Family:
    """Builds its room slowly, and counts."""

    def __init__(self, eldest: Family | None = None) -> None:
        self.built = 0
        if eldest is not None:
            vars(self)[ELDEST] = eldest

    @shared
    def room(self) -> list[Family]:
        """Who built it."""
        self.built += 1
        time.sleep(0.02)
        return [self]


def test_the_eldest_builds_and_all_have_the_same():
    eldest = Family()
    young, younger = Family(eldest), Family(eldest)
    assert young.room is younger.room is eldest.room
    assert young.room == [eldest]
    assert (eldest.built, young.built) == (1, 0)


def test_two_families_share_nothing():
    assert Family().room is not Family().room


def test_many_threads_that_ask_at_once_get_one_room():
    eldest = Family()
    family = [Family(eldest) for _ in range(8)]
    found: list[object] = []
    threads = [threading.Thread(target=lambda one=one: found.append(one.room)) for one in family]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert eldest.built == 1
    assert {id(room) for room in found} == {id(eldest.room)}


def test_what_is_put_in_by_hand_counts():
    eldest = Family()
    vars(eldest)["room"] = []
    assert Family(eldest).room == []
    assert eldest.built == 0
