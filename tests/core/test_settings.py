"""Changing the settings file: comments and order stay, nothing unreadable is written, secrets stay hidden."""

from __future__ import annotations

import json
import multiprocessing
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core import config, settings
from localgpt.core.config import KEYS, Config, Key, read
from localgpt.core.config_sections import NoteFolder
from localgpt.core.errors import ConfigError, NotFound, UsageError
from localgpt.core.paths import Home

DOCS = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"

OWN = """# my settings
[memory]   # where things are
workspace = "~/notes" # synced

# the rest
[heartbeat]
overdue_delay = "1m"
[providers.openai]
api_key = "${OPENAI_API_KEY}" # not in here!
"""


def write(home: Home, text: str) -> Home:
    home.root.mkdir(parents=True, exist_ok=True)
    home.config.write_text(text, encoding="utf-8")
    return home


def test_a_change_keeps_comments_order_and_references(home, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    settings.change(write(home, OWN), "memory.workspace", "/other")
    settings.change(home, "memory.index_sessions", "no")
    settings.change(home, "chat.editing_mode", "vi")
    text = home.config.read_text()
    assert "sk-secret" not in text
    kept = [line for line in OWN.splitlines() if line and "workspace" not in line]
    assert [line for line in text.splitlines() if line in kept] == kept
    assert 'workspace = "/other" # synced' in text
    found = config.load(home)
    assert (found.memory.workspace, found.memory.index_sessions) == ("/other", False)
    assert found.chat.editing_mode == "vi"
    assert "heartbeat.overdue_delay" in found.ignored


def test_a_first_change_makes_a_private_file_with_all_explained(home):
    assert settings.change(home, "context.passages", "3") == 3
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700
    expected = settings.template().replace("# passages = 8", "passages = 3")
    assert home.config.read_text() == expected


def test_a_change_keeps_the_files_mode_and_the_owners_link(home, tmp_path):
    real = tmp_path / "dotfiles" / "localgpt.toml"
    real.parent.mkdir()
    real.write_text("# mine\n")
    real.chmod(0o640)
    home.root.mkdir()
    home.config.symlink_to(real)
    settings.change(home, "memory.workspace", "x")
    assert home.config.is_symlink()
    assert read(real.read_text()).memory.workspace == "x"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("chat.render_markdown", "off", False),
        ("chat.render_markdown", " TRUE ", True),
        ("agent.context_window", "32_000", 32_000),
        ("memory.workspace", 'C:\\My "notes"\t\x7f\u00fc', 'C:\\My "notes"\t\x7f\u00fc'),
        ("budget.day_usd", "2", 2.0),
        ("budget.turn_usd", " 0.25 ", 0.25),
        ("memory.workspace", "", ""),
        ("security.allowed_directories", "~/a, /b b", ("~/a", "/b b")),
        ("security.allowed_directories", '["a,b"]', ("a,b",)),
        ("security.allowed_directories", "", ()),
        ("memory.paths", "a,b", (NoteFolder("a"), NoteFolder("b"))),
        ("memory.paths", '[{path = "a", pattern = "*.txt"}]', (NoteFolder("a", "*.txt"),)),
    ],
)
def test_what_is_typed_becomes_the_settings_type(home, name, typed, value):
    assert settings.change(home, name, typed) == value
    assert config.value_of(config.load(home), name) == value


@pytest.mark.parametrize(
    ("name", "typed", "part"),
    [
        ("chat.render_markdown", "maybe", "true or false"),
        ("agent.context_window", "many", "whole number"),
        ("agent.context_window", "9" * 40, "whole number"),
        ("agent.context_window", "1", "1000 or more"),
        ("budget.day_usd", "-1", "a number, 0 or more"),
        ("budget.day_usd", "nan", "a number, 0 or more"),
        ("budget.day_usd", "9" * 40, "a number, 0 or more"),
        ("chat.editing_mode", "nano", "emacs, vi"),
        ("memory.paths", "[1]", "path and pattern"),
        ("memory.paths", "[x", "not valid TOML"),
        ("memory.workspace", "\udcff", "text"),
        ("memory.worksapce", "x", "did you mean memory.workspace?"),
        ("server.webhook_secret", "1", "Rust LocalGPT"),
        ("memory", "1", "not a setting"),
    ],
)
def test_nothing_is_written_that_could_not_be_read_back(home, name, typed, part):
    write(home, OWN)
    with pytest.raises(ConfigError) as caught:
        settings.change(home, name, typed)
    assert part in caught.value.message
    assert caught.value.exit_code == 2
    assert home.config.read_text() == OWN


def test_a_broken_file_is_not_touched(home):
    write(home, "[memory\n")
    for action in (
        lambda: settings.change(home, "memory.workspace", "x"),
        lambda: settings.unset(home, "a.b"),
    ):
        with pytest.raises(ConfigError, match="not valid TOML"):
            action()
    assert home.config.read_text() == "[memory\n"


def test_wrong_values_are_repaired_one_by_one(home):
    write(home, 'agent.context_window = "big"\nchat.editing_mode = "ed"\n')
    settings.change(home, "agent.context_window", "2000")
    settings.unset(home, "chat.editing_mode")
    assert config.load(home).agent.context_window == 2000


def test_lists_of_tables_are_replaced_as_a_whole(home):
    write(home, '[[memory.paths]]\npath = "a"\n[[memory.paths]]\npath = "b"\n[other]\nx = 1\n')
    settings.change(home, "memory.paths", "c")
    assert config.load(home).memory.paths == (NoteFolder("c"),)
    assert tomllib.loads(home.config.read_text())["other"] == {"x": 1}
    assert settings.unset(home, "memory.paths")
    assert config.load(home).memory.paths == ()


SAMPLES = {
    "agent.default_model": "ollama/llama3",
    "agent.context_window": "5000",
    "agent.fallback_models": "haiku,ollama/llama3",
    "agent.max_tokens": "100",
    "agent.max_tool_rounds": "3",
    "budget.turn_usd": "0.1",
    "budget.day_usd": "2",
    "budget.day_tokens": "1000",
    "memory.workspace": "~/notes",
    "memory.embedding_provider": "none",
    "memory.embedding_model": "other",
    "memory.learn_cases": "false",
    "memory.paths": "/a,/b",
    "memory.index_sessions": "false",
    "memory.harvest": "false",
    "memory.harvest_by_model": "false",
    "context.always_loaded_tokens": "10",
    "context.passages": "1",
    "security.allowed_directories": "/a,/b",
    "security.mode": "plan",
    "security.trusted_folders": "/a,/b",
    "security.yolo_folder": "/a",
    "security.approval_seconds": "60",
    "tools.web_search.provider": "duckduckgo",
    "tools.web_search.base_url": "http://127.0.0.1:8888",
    "tools.web_search.api_key": settings.SET,
    "heartbeat.enabled": "false",
    "heartbeat.interval": "1h30m",
    "heartbeat.timezone": "Europe/Vienna",
    "heartbeat.model": "ollama/llama3",
    "heartbeat.timeout": "5m",
    "heartbeat.prompt": "Look around.",
    "heartbeat.ack_max_chars": "30",
    "heartbeat.parallel": "1",
    "heartbeat.notify": "false",
    "heartbeat.webhook": "https://example.org/hook",
    "heartbeat.day_turns": "5",
    "heartbeat.day_tokens": "1000",
    "heartbeat.day_usd": "0.5",
    "heartbeat.active_hours.start": "08:00",
    "heartbeat.active_hours.end": "22:00",
    "chat.render_markdown": "false",
    "chat.editing_mode": "vi",
    "daemon.stop_grace": "30",
    "history.in_workspace": "true",
    "logging.level": "debug",
    "logging.retention_days": "7",
    "server.enabled": "false",
    "server.port": "8099",
    "server.bind": "0.0.0.0",
    "server.hosts": "mine.example",
    "server.cors_origins": "https://one.example",
    "server.auth_token": settings.SET,
    "server.max_request_body": "20000",
    "server.requests_per_minute": "60",
    "server.tls_cert_file": "cert.pem",
    "server.tls_key_file": "key.pem",
}


def test_every_setting_can_be_set_shown_and_unset_again(home):
    assert SAMPLES.keys() == KEYS.keys()
    settings.init(home)
    for name, typed in SAMPLES.items():
        value = settings.change(home, name, typed)
        assert value != KEYS[name].default
        assert settings.get(home, name) == settings.as_text(value)
    assert config.load(home) != Config()
    for name in SAMPLES:
        assert settings.unset(home, name)
    assert home.config.read_text() == settings.template()


@pytest.mark.parametrize("name", ["memory.workspace", "heartbeat.overdue_delay", "providers.openai.api_key"])
def test_unsetting_takes_away_the_one_line(home, name):
    assert settings.unset(write(home, OWN), name)
    own = name.rpartition(".")[2]
    assert home.config.read_text().splitlines() == [
        line for line in OWN.splitlines() if not line.startswith(own)
    ]


def test_unsetting_what_is_not_set_changes_nothing(home):
    write(home, OWN)
    assert not settings.unset(home, "chat.editing_mode")
    assert not settings.unset(home, "server.port")
    with pytest.raises(ConfigError, match=r"did you mean memory\.workspace"):
        settings.unset(home, "memory.worksapce")
    assert home.config.read_text() == OWN


def test_a_name_nobody_knows_can_be_taken_out(home):
    write(home, "[memroy]\nx = 1\ny = 2\n")
    assert settings.unset(home, "memroy.x")
    assert tomllib.loads(home.config.read_text()) == {"memroy": {"y": 2}}


LAYOUTS = (
    "",
    "# only a comment",
    "x = 1\n",
    "[memory]\n",
    'memory.workspace = "a"\nmemory.index_sessions = true\n',
    'memory = { workspace = "a" }\n',
    '[memory]\nworkspace = "a"\n\n[chat]\n\n[memory.sub]\nx = 1\n',
    '[memory.sub]\nx = 1\n\n[zoo]\ny = 1\n\n[memory]\nworkspace = "a"\n',
    'note = """\n# workspace = 1\n[memory]\n# workspace = 2\n"""\n',
    '\r\n[memory]\r\n# workspace = ""\r\nindex_sessions = true\r\n',
)


@given(
    st.sampled_from(LAYOUTS),
    st.sampled_from(["memory.workspace", "agent.default_model"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
)
def test_in_every_layout_a_change_changes_one_value_and_nothing_else(layout, name, value):
    section, _, own = name.partition(".")
    wanted = tomllib.loads(layout)
    wanted.setdefault(section, {})[own] = value
    new = settings.with_value(layout, name, value)
    assert tomllib.loads(new) == wanted
    del wanted[section][own]
    rest = tomllib.loads(settings.without(new, name))
    assert rest == wanted or rest | {section: {}} == wanted


def test_the_template_is_read_as_all_defaults_with_every_line_ready_to_use():
    template = settings.template()
    assert read(template) == Config()
    assert max(map(len, template.splitlines())) <= 100
    lines = [line[2:] if " = " in line and line.startswith("# ") else line for line in template.splitlines()]
    revived = read("\n".join(lines[2:]))
    assert revived == Config()
    assert dict(config.names_in(config.parse("\n".join(lines[2:])))).keys() == KEYS.keys()


def test_init_does_not_overwrite_unless_forced_and_then_keeps_the_old(home):
    assert settings.init(home) == home.config
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600
    home.config.write_text(OWN)
    with pytest.raises(UsageError, match="there already"):
        settings.init(home)
    assert home.config.read_text() == OWN
    settings.init(home, force=True)
    assert home.config.read_text() == settings.template()
    assert home.config.with_name("config.toml.bak").read_text() == OWN


def test_get_gives_values_in_force(home):
    write(home, OWN)
    assert settings.get(home, "memory.workspace") == "~/notes"
    assert settings.get(home, "agent.context_window") == "128000"
    assert settings.get(home, "memory.paths") == "[]"
    assert settings.get(home, "heartbeat.overdue_delay") == "1m"
    assert settings.get(home, "providers.openai.api_key") == "${OPENAI_API_KEY}"


@pytest.mark.parametrize(
    ("name", "error", "part"),
    [
        ("memory", ConfigError, "section"),
        ("server.webhook_secret", NotFound, "not set"),
        ("memory.worksapce", ConfigError, "did you mean memory.workspace?"),
        ("memory.workspace.deeper", ConfigError, "is not a setting"),
        ("", ConfigError, "is not a setting"),
    ],
)
def test_get_of_what_is_not_there_says_so(home, name, error, part):
    with pytest.raises(error, match=part.replace("?", r"\?")):
        settings.get(home, name)


SECRETS = """
loose = "sk-ant-api03-aaaaaaaaaaaaaaaaaaaaa1"
[providers.openai]
api_key = "secret-one"
base_url = "https://me:secret-two@example.com/v1"
[providers.xai]
api_key = "${XAI_API_KEY}"
[providers.openai_compatible.extra_headers]
X-Thing = "secret-three"
[server]
auth_token = "secret-four"
[telegram]
api_token = ""
[[mcp.servers]]
name = "one"
env = { ANY = "secret-five" }
since = 2026-11-23
"""


def test_secrets_are_never_shown():
    tree = settings.view(SECRETS, read(SECRETS, environ={"XAI_API_KEY": "secret-six"}))
    toml, text = settings.as_toml(tree), settings.as_json(tree)
    assert "secret-" not in toml + text
    assert "sk-ant" not in toml + text
    assert json.loads(text)["providers"]["xai"]["api_key"] == "${XAI_API_KEY}"
    assert tomllib.loads(toml)["providers"]["openai"]["api_key"] == "(set)"
    assert tomllib.loads(toml)["telegram"]["api_token"] == ""
    assert tomllib.loads(toml)["mcp"]["servers"][0]["name"] == "one"


def test_the_view_has_every_setting_in_force_and_the_rest_of_the_file():
    text = 'memory.embedding_provider = "gguf"\nmemory.chunk_size = 3\n[x]\ny = 1\n'
    tree = settings.view(text, read(text))
    assert tree["memory"]["embedding_provider"] == "local"
    assert tree["memory"]["chunk_size"] == 3
    assert tree["x"] == {"y": 1}
    assert {name for name in KEYS if name in dict(config.names_in(tree))} == set(KEYS)
    assert tomllib.loads(settings.as_toml(tree)) == tree
    assert json.loads(settings.as_json(tree)) == tree


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: key.name)
def test_what_cant_be_typed_is_left_to_the_check(key: Key):
    for typed in ("", "\0", "]", "nan", "-", "1e3"):
        try:
            config.check(key, settings.from_text(key, typed))
        except ConfigError as error:
            assert key.name in error.message  # noqa: PT017 - either way is right


def test_two_processes_lose_no_change(home):
    settings.init(home)
    context = multiprocessing.get_context("spawn")
    changes = [("agent.context_window", "5000"), ("context.passages", "4"), ("memory.workspace", "w")]
    children = [context.Process(target=settings.change, args=(home, *change)) for change in changes]
    for child in children:
        child.start()
    for child in children:
        child.join(30)
    assert [child.exitcode for child in children] == [0, 0, 0]
    found = config.load(home)
    assert (found.agent.context_window, found.context.passages, found.memory.workspace) == (5000, 4, "w")


def test_the_docs_hold_the_table_of_settings():
    begin, end = "<!-- settings: made by localgpt.core.settings.reference_table -->\n", "<!-- /settings -->"
    text = DOCS.read_text(encoding="utf-8")
    assert text.partition(begin)[2].partition(end)[0] == settings.reference_table()


def test_a_setting_in_a_section_of_a_section_is_set_shown_and_unset(home):
    settings.change(home, "agent.max_tool_rounds", "5")
    settings.change(home, "tools.web_search.provider", "brave")
    settings.change(home, "tools.web_search.api_key", "BSA-secret-1")
    text = home.config.read_text()
    assert text == settings.template().replace("# max_tool_rounds = 10", "max_tool_rounds = 5").replace(
        '# provider = "none"', 'provider = "brave"'
    ).replace('# api_key = ""', 'api_key = "BSA-secret-1"')
    assert settings.get(home, "tools.web_search.provider") == "brave"
    assert settings.get(home, "tools.web_search.api_key") == settings.SET
    assert settings.unset(home, "tools.web_search.provider")
    assert '# provider = "none"' in home.config.read_text()


def test_what_the_rust_localgpt_has_there_is_shown_beside_ours():
    text = '[tools.web_search]\nmax_results = 3\n[tools.web_search.brave]\napi_key = "k"\n'
    shown = settings.view(text, read(text))["tools"]["web_search"]
    assert shown["max_results"] == 3
    assert shown["brave"] == {"api_key": settings.SET}
    assert shown["provider"] == "none"


def test_a_provider_is_changed_where_it_is_written(home):
    write(home, '[providers.claude-cli]\ncommand = "a"\n\n[providers.claude_cli]\ncommand = "b"\n')
    settings.change(home, "providers.claude-cli.command", "c")
    assert config.load(home).providers["claude-cli"].command == "c"
    assert settings.unset(home, "providers.claude-cli.command")
    assert config.load(home).providers["claude-cli"].command == "a"
    assert settings.unset(home, "providers.claude_cli.command")
    assert not settings.unset(home, "providers.claude_cli.command")


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("context.passages", 5, 5),
        ("context.passages", "6", 6),
        ("memory.harvest", False, False),
        ("agent.fallback_models", ["recall"], ("recall",)),
        ("memory.paths", [{"path": "more", "pattern": "*.txt"}], (NoteFolder("more", "*.txt"),)),
    ],
)
def test_a_value_as_json_has_it_is_assigned(home, name, given, kept):
    assert settings.assign(home, name, given) == kept
    assert config.value_of(config.load(home), name) == kept


@pytest.mark.parametrize("given", [True, [], {"a": 1}, 3.5])
def test_a_value_of_another_type_is_not_assigned(home, given):
    with pytest.raises(ConfigError):
        settings.assign(home, "context.passages", given)
    assert not home.config.exists()
