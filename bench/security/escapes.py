"""Every attempt to get out, without walls and behind them, and everyday work: ``python bench/security/escapes.py [--user NAME]``.

Run as root it does the same as another user (``nobody``) as well. Without walls only what can't harm the machine is tried.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from localgpt.security.sandbox import trial
from localgpt.security.sandbox.attempts import ATTEMPTS, CLASSES
from localgpt.security.sandbox.plan import FULL, WEAKER
from localgpt.security.sandbox.status import failure_of
from localgpt.security.sandbox.trial import Verdict

SOURCE = Path(__file__).resolve().parents[2] / "src"


def by_class(verdicts: list[Verdict]) -> dict[str, Counter[bool | None]]:
    """How many were held, escaped and could not be tried, for each class."""
    return {kind: Counter(one.held for one in verdicts if one.kind == kind) for kind in CLASSES}


def column(verdicts: list[Verdict], *, wanted: bool) -> dict[str, str]:
    """ "so many of so many" for each class."""
    return {
        kind: f"{count[wanted]} of {count[True] + count[False]}" for kind, count in by_class(verdicts).items()
    }


def measure(user: str) -> None:
    """Print the tables as the present user."""
    tame = tuple(one for one in ATTEMPTS if one.tame)
    bare = list(trial.escapes(trial.bare, tame))
    columns = {"without walls, succeeded": column(bare, wanted=False)}
    failed = [one for one in bare if one.held]
    work: dict[str, list[Verdict]] = {}
    for strength in (FULL, WEAKER):
        if reason := failure_of(strength):
            print(f"{user}, {strength}: not here: {reason}\n")
            continue
        verdicts = list(trial.escapes(trial.walled(strength)))
        columns[f"{strength} walls, held"] = column(verdicts, wanted=True)
        failed += [one for one in verdicts if one.held is False]
        work[strength] = list(trial.works(trial.walled(strength), below=strength == WEAKER))
    print(f"| {user} | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for kind in CLASSES:
        print(f"| {kind} | {' | '.join(one[kind] for one in columns.values())} |")
    for strength, verdicts in work.items():
        held = Counter(one.held for one in verdicts)
        print(f"\nEveryday work as {user}, {strength} walls: {held[True]} of {held[True] + held[False]}.")
        failed += [one for one in verdicts if one.held is False]
    for one in failed:
        print(f"- {one.kind}: {one.name}: {one.remark or 'did not succeed without walls'}")
    print(flush=True)


def main() -> None:
    """Measure as this user, and as the one named if we may become it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--user", default="nobody", help="whom root becomes for the second table")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    given = parser.parse_args()
    measure(given.only or ("root" if os.geteuid() == 0 else "a user"))
    if os.geteuid() == 0 and not given.only:
        python = next((one for one in (sys.executable, "/usr/bin/python3") if reachable(one, given.user)), "")
        if not python:
            print(f"{given.user} can't start a Python 3.11; run this as a user for the second table.")
            return
        command = [python, str(Path(__file__).resolve()), "--only", given.user]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
        subprocess.run(command, user=given.user, cwd="/", env=environment, check=True, extra_groups=[])


def reachable(python: str, user: str) -> bool:
    """Whether a user can start this interpreter."""
    try:
        probe = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        return subprocess.run(probe, user=user, cwd="/", check=False, extra_groups=[]).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    main()
