"""The part of the assistant that keeps every change of the notes as a commit; ``care.time_machine`` does the work."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from localgpt.app.sharing import shared
from localgpt.core.errors import LocalGPTError

if TYPE_CHECKING:
    from localgpt.care.time_machine.machine import TimeMachine
    from localgpt.core.config import Config
    from localgpt.core.journal import Journal
    from localgpt.core.paths import Home

_log = logging.getLogger(__name__)


class KeepingHistory:
    """Commits for what turns and the owner changed."""

    config: Config
    home: Home
    journal: Journal

    @shared
    def time_machine(self) -> TimeMachine:
        """Every change of the notes as a commit: ``time_machine.commit_turns()``."""
        from localgpt.care.time_machine.machine import TimeMachine
        from localgpt.care.time_machine.owners import OwnersRepository
        from localgpt.core.paths import short_hash

        home = self.home
        is_usual = home.workspace == home.root / "workspace"
        name = "workspace" if is_usual else f"workspace-{short_hash(str(home.workspace))}"
        return TimeMachine(
            home.root / "history" / f"{name}.git",
            home.workspace,
            self.journal,
            home.cache / f"history-{short_hash(str(home.workspace))}.json",
            home.state / "locks" / f"history-{name}.lock",
            OwnersRepository(home.workspace) if self.config.history.in_workspace else None,
        )

    def keep_history(self, *, look: bool = True) -> int:
        """Commit what was changed, for those who have something else to do: what fails is logged, and ``0`` returned.

        Without ``look`` only if the journal tells of a change; else that costs next to nothing.
        """
        if not self.home.root.is_dir():  # somebody took it away: a lock would make a new one
            return 0
        try:
            if not look and not self.time_machine.waiting():
                return 0
            return self.time_machine.commit_turns()
        except LocalGPTError as error:
            _log.warning("what was changed is not in the history yet: %s", error)
        except Exception:  # noqa: BLE001 - a turn is over and answered: whatever git thinks of it must not hurt it
            _log.exception("what was changed is not in the history yet")
        return 0
