"""Rooms are built when they are needed, once, and know each other. What they do is tested in their own places."""

from __future__ import annotations

import pytest

from localgpt.app import Assistant
from localgpt.core.errors import FrozenError

ROOMS = (
    "journal",
    "outbound",
    "workspace",
    "sessions",
    "links",
    "index",
    "searcher",
    "tools",
    "skills",
    "projects",
)


def test_nothing_is_built_or_written_before_it_is_needed(home):
    assistant = Assistant(home)
    assert not set(ROOMS) & vars(assistant).keys()
    assert not home.root.exists()


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_is_built_once(home, name):
    assistant = Assistant(home)
    assert getattr(assistant, name) is getattr(assistant, name)
    assistant.close()


def test_nothing_goes_out_while_all_is_frozen(home):
    assistant = Assistant(home)
    assistant.outbound.declare("localhost", "test")
    assistant.freeze.freeze("test")
    with pytest.raises(FrozenError):
        assistant.outbound.declare("localhost", "test")
    assistant.freeze.thaw("test")
    assistant.outbound.declare("localhost", "test")
    assistant.close()


def test_the_tools_on_offer(home):
    names = [spec.name for spec in Assistant(home).tools.specs]
    assert names[:3] == ["memory_search", "memory_get", "remember"]
    assert {"read_file", "write_file", "edit_file", "list_files", "skill", "web_fetch"} <= set(names)
    assert "web_search" not in names  # nobody was chosen to search the web


def test_a_search_of_the_web_that_can_not_be_is_a_notice(home):
    home.root.mkdir()
    home.config.write_text('[tools.web_search]\nprovider = "brave"\n')
    assistant = Assistant(home)
    assert "web_search" not in [spec.name for spec in assistant.tools.specs]
    assert any("brave" in notice.lower() for notice in assistant.notices)


def test_further_folders_are_searched_and_may_be_read(home, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "health.md").write_text("The dentist is Dr. Weber.\n")
    home.root.mkdir()
    home.config.write_text(f'[[memory.paths]]\npath = "{tmp_path / "more"}"\n')
    assistant = Assistant(home)
    assert assistant.workspace.read(str(tmp_path / "more" / "health.md")).total == 1
    assistant.close()
