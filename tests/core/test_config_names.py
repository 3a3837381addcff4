"""Names of settings: what the Rust LocalGPT knows, what is secret, what a typo means."""

from __future__ import annotations

import pytest

from localgpt.core.config import KEYS
from localgpt.core.config_names import RUST_NAMES, is_secret, nearest, used_by_rust


def test_no_name_is_in_both_tables():
    assert not KEYS.keys() & set(RUST_NAMES)
    assert len(RUST_NAMES) == len(set(RUST_NAMES))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("server.rate_limit", True),
        ("providers.openai.api_key", True),
        ("tools.filters.bash.deny_patterns", True),
        ("server.portal", False),
        ("providers.nobody.api_key", False),
        ("memory.workspace", False),
        ("server", False),
    ],
)
def test_a_name_of_the_rust_version_stands_for_all_below_it(name, known):
    assert used_by_rust(name) is known


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("providers.openai.api_key", True),
        ("memory.gemini_api_key", True),
        ("providers.vertex.service_account_key", True),
        ("server.auth_token", True),
        ("server.webhook_secret", True),
        ("telegram.api_token", True),
        ("x.apiKey", True),
        ("x.botToken", True),
        ("x.password", True),
        ("mcp.servers.env.ANYTHING", True),
        ("providers.openai_compatible.extra_headers.X-Thing", True),
        ("agent.max_tokens", False),
        ("context.always_loaded_tokens", False),
        ("agent.reserve_tokens", False),
        ("security.encryption_key_path", False),
        ("memory.workspace", False),
        ("x.monkey", False),
    ],
)
def test_secrets_are_known_by_their_names(name, secret):
    assert is_secret(name) is secret


def test_of_our_settings_only_keys_are_secret():
    assert [name for name in KEYS if is_secret(name)] == ["tools.web_search.api_key", "server.auth_token"]


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("memory.worksapce", "memory.workspace"),
        ("memory.path", "memory.paths"),
        ("agents.default_model", "agent.default_model"),
        ("chat.editingmode", "chat.editing_mode"),
        ("workspace", "memory.workspace"),
        ("sever.port", "server.port"),
        ("heartbeat.inteval", "heartbeat.interval"),
        ("completely.else", ""),
        ("", ""),
    ],
)
def test_the_nearest_name_is_found(typo, meant):
    assert nearest(typo, KEYS) == meant
