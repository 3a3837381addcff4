"""In which folder one is, and the one question that is asked there."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from localgpt.app import Assistant
from localgpt.cli import whereabouts
from localgpt.cli.state import CliState


class Door(SimpleNamespace):
    """The little of ``CliState`` that is used: where one is, whether somebody can be asked, and what they say."""

    def __init__(self, *, asks: bool, says: bool = False) -> None:
        super().__init__(asks=asks, told=[], asked=[])
        self.screen = SimpleNamespace(aside=self.told.append)
        self._says = says

    @property
    def folder(self) -> Path:
        return Path.cwd()

    def confirm(self, question: str, _option: str) -> bool:
        self.asked.append(question)
        return self._says


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "api"
    place.mkdir()
    (place / "AGENTS.md").write_text("Use tabs.")
    monkeypatch.chdir(place)
    return place


def here(home: Any, door: Door) -> str:
    return whereabouts.here(Assistant(home), cast("CliState", door))


def note(home: Any) -> Path:
    return cast("Path", home.workspace / "knowledge" / "projects" / "api.md")


def test_at_a_terminal_it_asks_once_and_a_yes_makes_the_note(home, api):
    door = Door(asks=True, says=True)
    assert here(home, door) == here(home, door) == str(api)
    assert door.asked == [f"Use what AGENTS.md in {api} says? (trust this folder)"]
    assert note(home).read_text().startswith("# api\n")


def test_a_no_is_kept_too(home, api):
    door = Door(asks=True, says=False)
    here(home, door)
    here(home, door)
    assert len(door.asked) == 1
    assert not note(home).exists()
    here(home, quiet := Door(asks=False))
    assert quiet.told == []


def test_without_a_terminal_it_is_told_and_not_used(home, api):
    door = Door(asks=False)
    here(home, door)
    assert door.told == [
        f"What AGENTS.md in {api} says is not used; to trust it: localgpt project add {api} --yes"
    ]
    assert not note(home).exists()


def test_changed_content_asks_again(home, api):
    here(home, Door(asks=True, says=True))
    (api / "AGENTS.md").write_text("Use spaces.")
    here(home, quiet := Door(asks=False))
    assert "is not used now that it has changed" in quiet.told[0]
    here(home, door := Door(asks=True, says=True))
    assert door.asked == [f"Use what AGENTS.md in {api} says now that it has changed? (trust this folder)"]


def test_a_folder_without_such_a_file_asks_nothing(home, api):
    (api / "AGENTS.md").unlink()
    here(home, door := Door(asks=True))
    assert door.asked == door.told == []


def test_a_folder_that_is_gone_is_nowhere(home, api):
    (api / "AGENTS.md").unlink()
    api.rmdir()
    assert here(home, Door(asks=True)) == ""


def test_a_register_that_can_not_be_read_is_told(home, api):
    (home.state / "projects.json").mkdir(parents=True)
    assert here(home, door := Door(asks=True)) == str(api)
    assert "projects.json" in door.told[0]
