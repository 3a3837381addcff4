"""Names of settings that are not ours: those of the Rust LocalGPT, which of all are secret, and which is nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_RUST = {
    "agent": "reserve_tokens max_spawn_depth subagent_model max_tool_repeats "
    "max_tool_errors tool_retry_on_malformed session_max_age session_max_count post_compaction_sections "
    "checkpoints_enabled max_checkpoints active_memory",
    "tools": "bash_timeout_ms web_fetch_max_bytes require_approval tool_output_max_chars "
    "log_injection_warnings use_content_delimiters web_search.cache_enabled web_search.cache_ttl "
    "web_search.max_results web_search.prefer_native web_search.searxng web_search.brave web_search.tavily "
    "web_search.perplexity document_loaders document_max_bytes stt "
    "image_max_dimension media_cache_enabled media_cache_max_mb browser_enabled browser_port filters",
    "providers": "openai anthropic ollama claude_cli xai glm gemini openrouter openai_compatible vertex "
    "gemini_cli codex_cli",
    "heartbeat": "overdue_delay dreaming mcp_servers",
    "memory": "embedding_cache_dir chunk_size chunk_overlap session_max_messages session_max_chars backend "
    "gemini_api_key temporal_decay_lambda llm_query_expansion multimodal_embeddings wiki_enabled "
    "wiki_fresh_days wiki_stale_days",
    "server": "rate_limit webhook_secret tls_enabled tls_cert_dir tls_renew_threshold_days",
    "security": "strict_policy disable_policy disable_suffix encryption encryption_key_path sandbox_backend "
    "sandbox_image sandbox_memory",
    "sandbox": "enabled level timeout_secs max_output_bytes max_file_size_bytes max_processes allow_paths network",
    "logging": "file",
    "telegram": "enabled api_token heartbeat_topic_id",
    "cron": "jobs",
    "hooks": "hooks",
    "mcp": "servers",
}

RUST_NAMES = tuple(f"{section}.{name}" for section, names in _RUST.items() for name in names.split())
"""Settings of the Rust LocalGPT (0.1 to 0.3) without effect here; a name stands for everything below it."""

OPENCLAW_NAMES = {
    "heartbeat.every": "heartbeat.interval",
    "heartbeat.activeHours.start": "heartbeat.active_hours.start",
    "heartbeat.activeHours.end": "heartbeat.active_hours.end",
    "heartbeat.activeHours.timezone": "heartbeat.timezone",
    "heartbeat.ackMaxChars": "heartbeat.ack_max_chars",
}
"""What OpenClaw calls some of our settings: they count, with a word on what they are called here."""

_SECRET = re.compile(r"(.*[_-])?(key|secret|passwd)|.*(api_?key|token|secret|password)", re.IGNORECASE)
_SECRET_TABLES = {"env", "headers", "extra_headers"}


def used_by_rust(name: str) -> bool:
    """Whether the Rust LocalGPT has the setting ``name``."""
    return any(name == known or name.startswith(known + ".") for known in RUST_NAMES)


def is_secret(name: str) -> bool:
    """Whether the value of a setting with this full name is to be kept from eyes: keys, tokens, passwords."""
    *above, own = name.split(".")
    return bool(_SECRET.fullmatch(own)) or bool(_SECRET_TABLES.intersection(above))


KEPT, COMMAND = "secret:", "command:"
"""How a secret setting begins that says where the key is (``core.secrets``)."""


def is_reference(value: str) -> bool:
    """Whether a secret setting says where the key is, and isn't one itself."""
    return value.startswith((KEPT, COMMAND))


def renamed(found: dict[str, Any]) -> list[str]:
    """Give OpenClaw's names in ``found`` ours, unless ours is there too; returns a sentence for each."""
    said = []
    for theirs, ours in OPENCLAW_NAMES.items():
        if theirs in found:
            found.setdefault(ours, found.pop(theirs))
            said.append(f"{theirs} is OpenClaw's name; here it is {ours}.")
    return said


def nearest(name: str, ours: Iterable[str]) -> str:
    """The setting that a mistyped ``name`` most likely means, or an empty text; ours go before Rust's."""
    import difflib

    for names in (list(ours), list(RUST_NAMES)):
        same_end = [known for known in names if known.rpartition(".")[2] == name.rpartition(".")[2]]
        near = difflib.get_close_matches(name, same_end or names, n=1, cutoff=0.0 if same_end else 0.75)
        if near:
            return near[0]
    return ""
