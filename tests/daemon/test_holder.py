"""The one assistant, and its successors."""

from __future__ import annotations

import os

import pytest
from tests.support.daemon import settled

from localgpt.app import Assistant
from localgpt.core.config import Config
from localgpt.core.errors import ConfigError
from localgpt.daemon.holder import Holder


def rewrite(home, text: str) -> None:
    home.config.write_text(text)
    os.utime(home.config, ns=(1, len(text)))


def test_everybody_has_the_same_until_the_settings_change(home):
    settled(home)
    holder = Holder(home)
    told: list[Config] = []
    holder.watch(told.append)
    first = holder.current()
    assert holder.current() is first
    assert holder.page().journal is first.journal
    rewrite(home, "[agent]\nmax_tokens = 7\n")
    assert holder.current() is not first
    assert [config.agent.max_tokens for config in told] == [4096, 7]


def test_a_former_one_is_kept_while_it_is_needed(home):
    settled(home)
    holder = Holder(home)
    first = holder.current()
    with holder.lend(None, local=True) as lent:
        assert (lent.door, lent.stays_home, lent.index) == ("terminal", True, first.index)
        rewrite(home, "[agent]\nmax_tokens = 7\n")
        holder.current()
        assert holder.leaving(turns=False) == []
    assert holder.leaving(turns=True) == []
    assert holder.leaving(turns=False) == [first]
    assert holder.leaving(turns=False) == []
    assert len(holder.all()) == 1


def test_a_former_one_whose_model_still_answers_a_beat_is_not_closed_under_it(home, monkeypatch):
    settled(home)
    holder = Holder(home)
    first = holder.current()
    rewrite(home, "[agent]\nmax_tokens = 7\n")
    holder.current()
    monkeypatch.setattr(Assistant, "busy", property(lambda one: one is first))
    assert holder.leaving(turns=False) == []
    monkeypatch.undo()
    assert holder.leaving(turns=False) == [first]


def test_settings_that_can_not_be_used_are_told_to_commands_and_change_nothing_for_the_page(home):
    settled(home)
    holder = Holder(home)
    page = holder.page()
    rewrite(home, "nonsense = = 1\n")
    with pytest.raises(ConfigError):
        holder.current()
    assert holder.page() is page
    assert holder.problem
    rewrite(home, "")
    holder.current()
    assert not holder.problem


def test_a_home_that_is_gone_is_not_made_again(home):
    settled(home)
    holder = Holder(home)
    first = holder.current()
    home.root.rename(home.root.with_name("away"))
    assert holder.current() is first
    assert not home.root.exists()
