from __future__ import annotations

import pytest

from localgpt.security.sandbox import trial
from localgpt.security.sandbox.attempts import ATTEMPTS, CLASSES
from localgpt.security.sandbox.everyday import EVERYDAY

QUICK = ("append to a file outside", "an old hard link to a closed note", "find it in the list", "TCP to this machine",
         "shared memory of System V", "new namespaces", "new notes that speak", "one file without end",
         "give itself a grant")  # fmt: skip


def named(names):
    return tuple(attempt for attempt in ATTEMPTS if attempt.name in names)


def test_every_class_has_its_attempts_and_names_are_not_used_twice():
    assert {attempt.kind for attempt in ATTEMPTS} == set(CLASSES)
    assert len({attempt.name for attempt in ATTEMPTS}) == len(ATTEMPTS)
    assert len({one.name for one in EVERYDAY}) == len(EVERYDAY)


def test_one_attempt_of_each_class_is_held(walls):
    verdicts = list(trial.escapes(trial.walled(walls), named(QUICK)))
    assert {one.kind for one in verdicts} == set(CLASSES)
    assert [one for one in verdicts if one.held is False] == []


def test_without_walls_they_are_attempts_indeed():
    verdicts = list(trial.escapes(trial.bare, named(("append to a file outside", "new notes that speak"))))
    assert [one.held for one in verdicts] == [False, False]


def test_some_everyday_work_is_done(walls):
    quick = tuple(
        one
        for one in EVERYDAY
        if one.name in {"files", "a note", "reading what is closed", "signals to its own"}
    )
    assert [one.remark for one in trial.works(trial.walled(walls), quick) if one.held is not True] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_all_attempts_are_held_and_all_work_is_done(walls):
    run = trial.walled(walls)
    assert [one for one in (*trial.escapes(run), *trial.works(run)) if one.held is False] == []
