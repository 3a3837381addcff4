"""After LocalGPT was killed while commands ran: what they changed until then is written down as theirs."""

from __future__ import annotations

from pathlib import Path

from localgpt.core import files
from localgpt.core.errors import Locked
from localgpt.core.journal import Journal
from localgpt.tools import shell_intent
from localgpt.tools.shell_intent import FOLDER, Before
from localgpt.tools.shell_ledger import Ledger, Settled


def recover(state: Path, root: Path, journal: Journal) -> int:
    """Journal what commands of dead processes changed in the workspace ``root``; gives how many files.

    Costs one look where there is nothing to do. What somebody else changed before this was called, and before the
    command's time was up, counts as the command's.
    """
    found = 0
    if not shell_intent.left(state):
        return found
    with files.lock(state / f"{FOLDER}.lock"):
        for folder in shell_intent.left(state):
            try:
                with files.lock(shell_intent.lock_of(folder), timeout=0):
                    found += _recovered(folder, root, journal)
                    files.remove_folder(folder)
            except Locked:
                continue  # its process lives
    return found


def _recovered(folder: Path, root: Path, journal: Journal) -> int:
    before = shell_intent.before(folder)
    if before is None or not before.runs:
        return 0
    ledger = Ledger(root, journal)
    try:
        settled = ledger.settle_left(before)
    finally:
        ledger.close()
    _tell(before, settled, journal)
    return len(settled.changes)


def _tell(before: Before, settled: Settled, journal: Journal) -> None:
    for run in before.runs:
        journal.append(
            "command.finished",
            turn=run.author.turn,
            session=run.author.session,
            code=137,
            reason="killed",
            foreign=run.foreign,
            changed=len(settled.changes) if run is before.runs[-1] else 0,
            unkept=[path.encode("utf-8", "replace").decode() for path in settled.unkept[:100]],
        )
