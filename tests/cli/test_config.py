"""``localgpt config``: show, change, edit and repair the settings."""

from __future__ import annotations

import json
import stat
import sys
import tomllib

import click
import pytest
from click.shell_completion import ShellComplete

from localgpt.cli.config import editor
from localgpt.cli.main import cli
from localgpt.core.errors import UsageError


def write(home, text: str) -> None:
    home.root.mkdir(exist_ok=True)
    home.config.write_text(text)


def test_looking_makes_nothing(run, home):
    assert run("config", "path").out == f"{home.config}\n"
    assert run("config", "get", "agent.context_window").out == "128000\n"
    assert tomllib.loads(run("config", "show").out)["context"]["passages"] == 8
    assert not home.root.exists()


def test_alone_it_prints_its_help(run):
    done = run("config")
    assert done.code == 0
    for command in ("show", "get", "set", "unset", "edit", "path", "init"):
        assert f"  {command} " in done.out


def test_show_hides_secrets_and_names_what_is_ignored(run, home):
    write(home, '[server]\nwebhook_secret = "secret-one"\ntls_enabled = true\n[memory]\nworksapce = "x"\n')
    done = run("config", "show")
    assert done.code == 0
    assert "secret-one" not in done.out + done.err
    assert tomllib.loads(done.out)["server"]["webhook_secret"] == "(set)"
    assert f"did you mean memory.workspace? ({home.config}:5)" in done.err
    assert "without effect here: server.webhook_secret, server.tls_enabled" in done.err
    assert json.loads(run("config", "show", "-f", "json").out) == tomllib.loads(done.out)


def test_set_get_and_unset(run, home):
    done = run("config", "set", "memory.workspace", "~/my notes")
    assert (done.out, done.code) == ("memory.workspace = ~/my notes\n", 0)
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600
    assert run("config", "get", "memory.workspace").out == "~/my notes\n"
    assert run("config", "unset", "memory.workspace").out == "memory.workspace is no longer set.\n"
    assert run("config", "unset", "memory.workspace").out == "memory.workspace was not set.\n"
    assert run("config", "get", "memory.workspace").out == "\n"


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (("set", "memory.worksapce", "x"), 2, "did you mean memory.workspace?"),
        (("set", "agent.context_window", "-5"), 2, "it has to be a whole number, 1000 or more"),
        (("set", "agent.context_window", "many"), 2, 'agent.context_window can\'t be "many"'),
        (("set", "server.tls_enabled", "1"), 2, "Rust LocalGPT"),
        (("set", "memory.workspace"), 2, "Missing argument"),
        (("get", "nothing.at_all"), 2, "nothing.at_all is not a setting"),
        (("get", "server.tls_enabled"), 1, "server.tls_enabled is not set"),
        (("unset", "memory.worksapce"), 2, "did you mean memory.workspace?"),
        (("shwo",), 2, "did you mean 'show'?"),
    ],
)
def test_a_mistake_is_a_sentence_and_changes_nothing(run, home, arguments, code, part):
    done = run("config", *arguments)
    assert done.code == code
    assert done.out == ""
    assert part in done.err
    assert not home.config.exists()


def test_init_is_asked_for_twice(run, home):
    assert run("config", "init").out == f"Written: {home.config}\n"
    done = run("config", "init")
    assert done.code == 2
    assert "--force" in done.err
    assert run("config", "init", "--force").code == 0
    assert home.config.with_name("config.toml.bak").exists()


def test_a_broken_value_is_repaired_without_an_editor(run, home):
    write(home, 'agent.context_window = "big"\n')
    assert run("config", "show").code == 2
    assert run("config", "set", "agent.context_window", "2000").code == 0
    assert run("config", "show").code == 0


def test_a_broken_file_says_where_and_how_to_repair_it(run, home):
    write(home, "[memory\n")
    for arguments in (("show",), ("get", "memory.workspace"), ("set", "memory.workspace", "x")):
        done = run("config", *arguments)
        assert done.code == 2
        assert f"{home.config}:1:8" in done.err
        assert "localgpt config edit" in done.err
    assert run("config", "path").code == 0


# The editor


@pytest.fixture
def typing(monkeypatch, tmp_path):
    """An editor that leaves ``text`` in the file, and ends with ``code``."""

    def make(text: str, code: int = 0) -> None:
        script = tmp_path / "my editor.py"
        script.write_text(f"import sys\nopen(sys.argv[1], 'w').write({text!r})\nsys.exit({code})\n")
        monkeypatch.setenv("VISUAL", f"'{sys.executable}' '{script}'")

    return make


def test_edit_makes_the_file_opens_it_and_checks_it(run, home, typing):
    typing('[memory]\nworksapce = "x"\n')
    done = run("config", "edit")
    assert done.code == 0
    assert home.config.read_text() == '[memory]\nworksapce = "x"\n'
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600
    assert "did you mean memory.workspace?" in done.err
    assert "in order" in done.out


def test_edit_keeps_what_was_typed_even_if_it_is_wrong(run, home, typing):
    typing("agent.context_window = 1\n")
    done = run("config", "edit")
    assert done.code == 2
    assert "it has to be a whole number, 1000 or more" in done.err
    assert home.config.read_text() == "agent.context_window = 1\n"


def test_an_editor_that_fails_is_a_sentence(run, typing, monkeypatch):
    typing("", code=3)
    assert "ended with code 3" in run("config", "edit").err
    monkeypatch.setenv("VISUAL", "no-such-editor-anywhere -w")
    done = run("config", "edit")
    assert done.code == 2
    assert "'no-such-editor-anywhere' can't be started" in done.err


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({"VISUAL": "code --wait", "EDITOR": "nano"}, ["code", "--wait"]),
        ({"VISUAL": "", "EDITOR": "'my ed' -x"}, ["my ed", "-x"]),
        ({}, ["vi"]),
    ],
)
def test_the_editor_is_the_owners(environ, command):
    assert editor(environ) == command


def test_an_editor_that_cant_be_read_is_a_sentence():
    with pytest.raises(UsageError, match="can't be understood"):
        editor({"EDITOR": "'open"})


@pytest.mark.parametrize("command", ["get", "set", "unset"])
def test_names_of_settings_are_completed(command):
    completion = ShellComplete(cli, {}, "localgpt", "_LOCALGPT_COMPLETE")
    found = completion.get_completions(["config", command], "memory.emb")
    assert [one.value for one in found] == ["memory.embedding_provider", "memory.embedding_model"]
    assert all(one.help for one in found)


def test_every_command_says_what_it_does():
    config = cli.get_command(click.Context(cli), "config")
    assert isinstance(config, click.Group)
    assert all(command.help for command in config.commands.values())
