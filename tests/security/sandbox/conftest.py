from __future__ import annotations

from pathlib import Path

import pytest

from localgpt.core.paths import Home
from localgpt.security.sandbox.status import status


@pytest.fixture
def walls() -> str:
    """The strongest walls of this machine; a test that needs them all is left out where the kernel forbids them."""
    found = status()
    if found.strength != "full":
        pytest.skip(
            f"this machine does not allow all walls: {[one for one in found.layers if not one.stands]}"
        )
    return found.strength


@pytest.fixture
def place(tmp_path: Path) -> Home:
    """A home with a workspace of a few notes."""
    found = Home(tmp_path / "home", tmp_path / "home" / "workspace")
    for name in ("AGENTS.md", "MEMORY.md", "knowledge/plain.md", "skills/good/SKILL.md", ".git/config"):
        path = found.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("keep me\n")
    return found
