"""Reading the settings: defaults, the Rust LocalGPT's names, typos, and values that can't be meant."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core import config
from localgpt.core.config import KEYS, Config, load, read, workspace_of
from localgpt.core.config_sections import NoteFolder
from localgpt.core.errors import ConfigError, StorageError
from localgpt.core.paths import Home, locate


def write(home: Home, text: str | bytes) -> Home:
    home.root.mkdir(parents=True, exist_ok=True)
    home.config.write_bytes(text.encode() if isinstance(text, str) else text)
    return home


def test_without_a_file_everything_is_at_its_default_and_nothing_is_made(home):
    assert load(home) == Config()
    assert not home.root.exists()


def test_an_empty_file_is_the_same_as_none(home):
    assert load(write(home, "")) == Config()


def test_every_kind_of_value_is_read():
    found = read(
        """
        agent.context_window = 32_000
        [memory]
        workspace = "~/notes"
        index_sessions = false
        paths = [{ path = "/a" }, { path = "b", pattern = "*.txt" }]
        [security]
        allowed_directories = ["~/x", "/y"]
        [chat]
        editing_mode = "vi"
        """
    )
    assert found.agent.context_window == 32_000
    assert found.memory.workspace == "~/notes"
    assert found.memory.index_sessions is False
    assert found.memory.paths == (NoteFolder("/a", "**/*.md"), NoteFolder("b", "*.txt"))
    assert found.security.allowed_directories == ("~/x", "/y")
    assert found.chat.editing_mode == "vi"
    assert found.context == Config().context
    assert not found.warnings


def test_a_config_of_the_rust_version_just_works():
    found = read(RUST)
    assert found.warnings == ()
    assert found.agent.default_model == "claude-cli/opus"
    assert found.agent.context_window == 64_000
    assert found.memory.workspace == "~/.localgpt/workspace"
    assert found.memory.paths == (NoteFolder("knowledge", "**/*.md"),)
    assert (found.heartbeat.enabled, found.heartbeat.interval) == (True, "30m")
    assert found.active_hours.start == "08:00"
    assert "tools.filters.bash.deny_patterns" in found.ignored
    assert "mcp.servers" in found.ignored
    assert not KEYS.keys() & set(found.ignored)


RUST = """
[agent]
default_model = "claude-cli/opus"
context_window = 64000
reserve_tokens = 8000
[agent.active_memory]
enabled = false
[providers.anthropic]
api_key = "${ANTHROPIC_API_KEY}"
base_url = "https://api.anthropic.com"
[providers.claude_cli]
command = "claude"
[tools]
require_approval = ["bash"]
[tools.filters.bash]
deny_patterns = ["rm"]
[heartbeat]
enabled = true
interval = "30m"
[heartbeat.active_hours]
start = "08:00"
[memory]
workspace = "~/.localgpt/workspace"
embedding_provider = "local"
chunk_size = 400
[[memory.paths]]
path = "knowledge"
pattern = "**/*.md"
[server]
port = 31327
[logging]
level = "info"
[[mcp.servers]]
name = "x"
command = "y"
"""


def test_the_embedding_provider_that_only_the_rust_version_has_falls_back_with_one_warning():
    found = read('memory.embedding_provider = "gguf"')
    assert found.memory.embedding_provider == "local"
    assert len(found.warnings) == 1
    assert "gguf" in found.warnings[0]


@pytest.mark.parametrize("provider", ["openai", "gemini", "ollama/nomic-embed-text", "mybox", "bundled"])
def test_servers_may_make_the_vectors(provider):
    found = read(f'memory.embedding_provider = "{provider}"')
    assert (found.memory.embedding_provider, found.warnings) == (provider, ())


def test_another_model_of_the_local_provider_is_explained():
    (warning,) = read('memory.embedding_model = "bge-base-en-v1.5"').warnings
    assert "bge-base-en-v1.5" in warning
    assert "fastembed" in warning
    both = 'memory.embedding_model = "bge-base-en-v1.5"\nmemory.embedding_provider = "fastembed"'
    assert read(both).warnings == ()


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            '[memory]\nworksapce = "a"',
            "memory.worksapce is not a setting; did you mean memory.workspace? (f:2)",
        ),
        (
            '[memroy]\nworkspace = "a"',
            "memroy.workspace is not a setting; did you mean memory.workspace? (f:2)",
        ),
        ('workspace = "a"', "workspace is not a setting; did you mean memory.workspace? (f:1)"),
        (
            '\nheartbeat.intervall = "1m"',
            "heartbeat.intervall is not a setting; did you mean heartbeat.interval? (f:2)",
        ),
        ("zzz.qqq = 1", "zzz.qqq is not a setting. (f:1)"),
        (
            '"memory.workspace" = "a"',
            '"memory.workspace" is not a setting; did you mean memory.workspace? (f)',
        ),
        ('memory.paths = [{path = "a", patern = "b"}]', "memory.paths has no patern, only path and pattern."),
    ],
)
def test_a_typo_is_named_with_the_nearest_setting(text, warning):
    found = read(text, where="f")
    assert found.warnings == (warning,)
    assert dataclasses.replace(found, warnings=(), memory=Config().memory) == Config()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[agent]\n\ncontext_window = "big"', ("agent.context_window", '"big"', "1000 or more", "f:3")),
        ("agent.context_window = true", ("agent.context_window", "true", "whole number", "f:1")),
        ("agent.context_window = 1.5", ("1.5", "whole number")),
        ("agent.context_window = 999", ("999", "1000 or more")),
        ("agent.max_tool_rounds = 101", ("101", "1 to 100")),
        ("budget.day_usd = -0.5", ("budget.day_usd", "-0.5", "a number, 0 or more", "f:1")),
        ("budget.day_usd = inf", ("budget.day_usd", "a number")),
        ("budget.day_usd = true", ("budget.day_usd", "a number")),
        ('budget.day_usd = "2 dollars"', ("budget.day_usd", "a number")),
        (f"budget.day_usd = {10**400}", ("budget.day_usd", "a number")),
        ("context.passages = -1", ("-1", "0 to 100")),
        ("chat.render_markdown = 1", ("chat.render_markdown", "true or false")),
        ('chat.editing_mode = "emcas"', ("emcas", "one of emacs, vi")),
        ("memory.embedding_provider = 7", ("memory.embedding_provider", "text")),
        ("memory.workspace = 2026-11-23", ("2026-11-23", "text")),
        ('memory.workspace = "a\\u0000b"', ("memory.workspace", "text")),
        ('[memory.workspace]\na = "b"', ("memory.workspace", '{"a": "b"}', "f:1")),
        ('security.allowed_directories = "x"', ("allowed_directories", '"x"', "list of texts")),
        ("security.allowed_directories = [1]", ("[1]", "list of texts")),
        ('[[memory.paths]]\npattern = "x"', ("memory.paths", "path and pattern", "f:1")),
        ('memory.paths = ["x"]', ("memory.paths", "path and pattern")),
        ("memory = 3", ("memory", "section", "f:1")),
        ("agent.default_model = [" + "1," * 100 + "]", ("agent.default_model", "...")),
    ],
)
def test_a_value_that_cant_be_meant_is_an_error_that_says_what_may_stand_there(text, parts):
    with pytest.raises(ConfigError) as caught:
        read(text, where="f")
    assert all(part in caught.value.message for part in parts), caught.value.message
    assert caught.value.exit_code == 2
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[agent]\nx = = 1", "f:2:5"),
        ("a = 1\na = 2", "f:2"),
        ("x = 'open", "f:1"),
        ("x = " + "9" * 5000, "f"),
        ("x = " + "[" * 5000, "f"),
    ],
)
def test_broken_toml_is_an_error_with_its_place(text, place):
    with pytest.raises(ConfigError) as caught:
        read(text, where="f")
    assert caught.value.message.startswith(place)
    assert "not valid TOML" in caught.value.message
    assert "config edit" in caught.value.hint


def test_deep_nesting_is_read(home):
    assert read(".".join(["a"] * 3000) + " = 1").warnings[0].startswith("a.a.a.")


def test_files_from_other_systems_are_read(home):
    assert load(write(home, b'\xef\xbb\xbf[memory]\r\nworkspace = "x"\r\n')).memory.workspace == "x"


def test_a_file_that_is_not_text_is_an_error(home):
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(write(home, 'memory.workspace = "\u00fc"'.encode("latin-1")))


def test_a_folder_in_its_place_is_an_error(home):
    home.config.mkdir(parents=True)
    with pytest.raises(StorageError, match="folder"):
        load(home)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    try:
        read(text)
    except ConfigError as error:
        assert error.message  # noqa: PT017 - either way is right


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    ),
    st.sampled_from(list(KEYS.values())),
)
def test_any_value_is_kept_in_its_type_or_refused(value, key):
    try:
        kept = config.check(key, value)
    except ConfigError as error:
        assert key.name in error.message  # noqa: PT017 - either way is right
    else:
        assert type(kept) is type(key.default)


def test_secrets_are_filled_from_the_environment_and_not_shown():
    text = """
    providers.openai.api_key = "${THE_KEY}"
    providers.anthropic.api_key = "$THE_KEY"
    providers.xai.api_key = "plain-secret"
    providers.glm.api_key = "${NOT_SET}"
    providers.openai.base_url = "${THE_KEY}"
    telegram.api_token = "12${THE_KEY}"
    """
    found = read(text, environ={"THE_KEY": "from-env"})
    assert found.secrets == {
        "providers.openai.api_key": "from-env",
        "providers.anthropic.api_key": "from-env",
        "providers.xai.api_key": "plain-secret",
        "telegram.api_token": "12${THE_KEY}",
    }
    assert "plain-secret" not in repr(found)


def test_the_defaults_would_all_be_taken_from_a_file():
    for key in KEYS.values():
        assert config.check(key, key.default) == key.default
        assert config.value_of(Config(), key.name) == key.default
        assert key.doc.endswith(".")


def test_the_workspace_is_where_the_config_says(home, user_folder):
    assert workspace_of(home, Config()) == home
    named = {"~/n": user_folder / "n", "/abs/x/../y": Path("/abs/y"), "rel/w": home.root / "rel" / "w"}
    for text, path in named.items():
        assert workspace_of(home, read(f'memory.workspace = "{text}"')) == Home(home.root, path)


def test_the_environment_and_a_profile_of_the_rust_version_are_louder(tmp_path):
    other = read('memory.workspace = "other"')
    environ = {"LOCALGPT_HOME": str(tmp_path / "h"), "LOCALGPT_WORKSPACE": str(tmp_path / "h" / "workspace")}
    assert workspace_of(locate(environ), other, environ).workspace == tmp_path / "h" / "workspace"
    (tmp_path / "h" / "workspace-work").mkdir(parents=True)
    environ = {"LOCALGPT_HOME": str(tmp_path / "h"), "LOCALGPT_PROFILE": "work"}
    assert workspace_of(locate(environ), other, environ).workspace == tmp_path / "h" / "workspace-work"


def test_a_workspace_of_nobody_is_an_error(home):
    with pytest.raises(ConfigError, match=r"memory\.workspace"):
        workspace_of(home, read('memory.workspace = "~nobody-of-that-name/x"'))


def test_a_link_to_the_workspace_is_not_followed(home, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    found = read(f'memory.workspace = "{tmp_path / "link"}"')
    assert workspace_of(home, found).workspace == tmp_path / "link"


SEARCHING = """
[tools.web_search]
provider = "brave"
api_key = "${MY_BRAVE}"
"""


def test_who_searches_the_web_and_with_which_key():
    found = read(SEARCHING, environ={"MY_BRAVE": "the-key"}).web_search
    assert (found.provider, found.api_key, found.base_url) == ("brave", "the-key", "")
    assert "the-key" not in repr(found)
    assert read("").web_search.provider == "none"
    assert config.value_of(read(SEARCHING, environ={}), "tools.web_search.provider") == "brave"


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ('[tools.web_search]\nprovider = "tavily"', "belongs to the Rust LocalGPT; the web is not searched"),
        ('[tools.web_search.searxng]\nbase_url = "http://x"', "here it is tools.web_search.base_url"),
        ('[tools.web_search.brave]\napi_key = "k"', "here it is tools.web_search.api_key"),
        ("[tools.web_search]\nprovder = 1", "did you mean tools.web_search.provider"),
    ],
)
def test_other_words_for_searching_the_web(text, warning):
    found = read(text)
    assert found.web_search.provider == "none"
    assert [one for one in found.warnings if warning in one]


@pytest.mark.parametrize(
    "text", ["tools = 1", "[tools]\nweb_search = 1", '[tools.web_search]\nprovider = "bing"']
)
def test_values_that_searching_the_web_can_not_have(text):
    with pytest.raises(ConfigError):
        read(text)


def test_openclaws_names_for_the_heartbeat_count_and_are_told():
    found = read(
        '[heartbeat]\nevery = "1h"\nackMaxChars = 5\n[heartbeat.activeHours]\nstart = "09:00"\ntimezone = "UTC"'
    )
    assert (found.heartbeat.interval, found.heartbeat.ack_max_chars) == ("1h", 5)
    assert (found.active_hours.start, found.heartbeat.timezone) == ("09:00", "UTC")
    assert len(found.warnings) == 4
    assert "heartbeat.every is OpenClaw's name; here it is heartbeat.interval." in found.warnings
    assert read('[heartbeat]\nevery = "1h"\ninterval = "2h"').heartbeat.interval == "2h"
