from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.shelling import Shell

from localgpt.core.journal import Journal
from localgpt.core.paths import Home
from localgpt.security.sandbox.status import status


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A workspace of two notes with a shell; left out where the kernel forbids the walls."""
    if status().strength != "full":
        pytest.skip("this machine does not allow all walls")
    home = Home(tmp_path / "home", tmp_path / "home" / "workspace")
    made = Shell(home, Journal(home.journal))
    made.note("a.md")
    made.note("knowledge/b.md", "one\ntwo\nthree\n")
    yield made
    made.room.close()
