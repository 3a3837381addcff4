"""`localgpt secret`."""

from __future__ import annotations

import pytest

from localgpt.core import secrets


@pytest.fixture(autouse=True)
def no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "keyring", lambda: None)


def test_nothing_is_kept_yet(run):
    done = run("secret", "list")
    assert (done.out, done.code) == ("", 0)
    assert "localgpt secret set NAME" in done.err


def test_a_setting_is_made_to_refer_to_its_key(run, home):
    done = run("secret", "set", "providers.anthropic.api_key", input="sk-ant-0123456789abcdef0123\n")
    assert done.code == 0, done.err
    assert "sk-ant" not in done.out + done.err
    text = home.config.read_text()
    assert 'api_key = "secret:providers.anthropic.api_key"' in text
    assert "sk-ant" not in text
    assert run("secret", "list").out == "providers.anthropic.api_key  file\n"
    assert "sk-ant" not in run("config", "show").out


def test_a_key_of_ones_own_name(run):
    assert 'api_key = "secret:mail"' in run("secret", "set", "mail", input="hunter2hunter2").err
    assert run("secret", "remove", "mail").code == 0
    gone = run("secret", "remove", "mail")
    assert gone.code == 1
    assert "No key is kept under the name mail" in gone.err


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (("set", "memory.workspace"), "x", "memory.workspace is no key or password"),
        (("set", "../../etc"), "x", "can't be a key's name"),
        (("set", "mail"), "", "can't be a key"),
    ],
)
def test_what_cant_be_kept(run, arguments, typed, sentence):
    done = run("secret", *arguments, input=typed)
    assert done.code == 2
    assert sentence in done.err
