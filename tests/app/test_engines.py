from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.support.fake_providers import FakeProviders

from localgpt.app.engines import Engines
from localgpt.core import config
from localgpt.core.errors import NotLoggedIn, UnknownModel
from localgpt.core.outbound import Outbound
from localgpt.models.retrying import Retrying

NOBODY_HOME = """
[providers.ollama]
base_url = "http://127.0.0.1:9"
[providers.lmstudio]
base_url = "http://127.0.0.1:9"
[providers.llamacpp]
base_url = "http://127.0.0.1:9"
[providers.vllm]
base_url = "http://127.0.0.1:9"
"""


def engines(folder: Path, settings: str = "", **environ: str) -> Engines:
    def ignore(_kind: str, **_fields: Any) -> None: ...

    own = {"HOME": str(folder), "PATH": str(folder), **environ}
    return Engines(config.read(settings + NOBODY_HOME), Outbound(ignore), environ=own)


def chosen(made: Engines, **options: Any) -> tuple[str, str]:
    engine, said = asyncio.run(made.choose(**options))
    return engine.name, said


@pytest.mark.parametrize("name", ["recall", " Recall "])
def test_an_engine_is_found_by_its_name_and_made_once(tmp_path, name):
    made = engines(tmp_path)
    assert made.named(name) is made.named("recall")


def test_an_unknown_name_says_what_there_is(tmp_path):
    with pytest.raises(UnknownModel) as caught:
        engines(tmp_path).named("recal/1")
    assert "Did you mean recall?" in caught.value.hint


def test_a_model_without_its_key_says_how_to_give_it(tmp_path):
    with pytest.raises(NotLoggedIn) as caught:
        engines(tmp_path).named("openai/gpt-4o")
    assert "OPENAI_API_KEY" in caught.value.hint


def test_with_nothing_at_all_recall_answers_without_a_word(tmp_path):
    assert chosen(engines(tmp_path)) == ("recall", "")


def test_what_the_settings_name_answers(tmp_path):
    settings = '[agent]\ndefault_model = "openai/gpt-4o"\n'
    assert chosen(engines(tmp_path, settings, OPENAI_API_KEY="k")) == ("openai/gpt-4o", "")


def test_what_the_settings_name_and_is_not_there_falls_to_the_next_with_one_line(tmp_path):
    name, said = chosen(engines(tmp_path, '[agent]\ndefault_model = "claude-cli/opus"\n'))
    assert name == "recall"
    assert said.startswith("claude-cli/opus (agent.default_model) can't answer: There is no command 'claude'")
    assert said.endswith("recall answers instead.")
    assert "\n" not in said


def test_a_key_is_enough(tmp_path):
    assert chosen(engines(tmp_path, OPENAI_API_KEY="k"))[0].startswith("openai/")


def test_at_home_only_what_is_on_this_machine_answers(tmp_path):
    assert chosen(engines(tmp_path, OPENAI_API_KEY="k"), local=True) == ("recall", "")


def test_a_server_on_this_machine_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr("localgpt.models.discovery.PROBE_S", 5)  # a busy machine takes its time
    with FakeProviders(models=("llama3.2",)) as fake:
        settings = NOBODY_HOME.replace(
            '[providers.ollama]\nbase_url = "http://127.0.0.1:9"',
            f'[providers.ollama]\nbase_url = "{fake.url}"',
        )
        made = Engines(
            config.read(settings),
            Outbound(lambda kind, **fields: None),
            environ={"HOME": str(tmp_path), "PATH": ""},
        )
        assert chosen(made) == ("ollama/llama3.2", "")
        assert chosen(made, local=True) == ("ollama/llama3.2", "")


def test_fallback_models_stand_behind_as_far_as_they_are_there(tmp_path):
    settings = (
        '[agent]\ndefault_model = "openai/gpt-4o"\nfallback_models = ["anthropic/claude-x", "recall"]\n'
    )
    engine, _ = asyncio.run(engines(tmp_path, settings, OPENAI_API_KEY="k").choose())
    assert [one.name for one in engine._engines] == ["openai/gpt-4o", "recall"]  # type: ignore[attr-defined]


def test_whether_one_is_about_a_request_is_known(tmp_path):
    made = engines(tmp_path, OPENAI_API_KEY="sk-test")
    engine = made.named("openai/gpt-5")
    made.named("recall")
    assert not made.busy
    assert isinstance(engine, Retrying)
    engine.at_work = 1
    assert made.busy
