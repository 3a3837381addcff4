"""How the ``claude`` command is started: its flags and what it sees of our environment. No IO."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localgpt.models.claude_cli.bridge import LONGEST_CALL, SERVER, configuration

FLAGS = (
    "-p",
    "--input-format=stream-json",
    "--output-format=stream-json",
    "--verbose",
    "--include-partial-messages",
    "--tools=",
    "--strict-mcp-config",
    "--setting-sources=",
    "--system-prompt=",
    "--disable-slash-commands",
    "--no-session-persistence",
)
"""No tools, settings, commands or sessions of its own. In the form with ``=`` no value is taken for a flag."""

PASSED = {
    "ALL_PROXY", "APPDATA", "HOME", "HTTPS_PROXY", "HTTP_PROXY", "LANG", "LOCALAPPDATA", "LOGNAME",
    "NODE_EXTRA_CA_CERTS", "NO_PROXY", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "SYSTEMROOT", "TZ", "USER",
    "USERPROFILE", "XDG_CONFIG_HOME",
}  # fmt: skip
PASSED_PREFIXES = ("ANTHROPIC_", "CLAUDE_", "LC_")
CLOUD_PREFIXES = {
    "CLAUDE_CODE_USE_BEDROCK": ("AWS_",),
    "CLAUDE_CODE_USE_VERTEX": ("GOOGLE_", "GCLOUD_", "CLOUD_ML_", "VERTEX_"),
    "CLAUDE_CODE_USE_FOUNDRY": ("AZURE_",),
}
"""What logs it in at a cloud, where one is used; nobody else's keys are any of its business."""
HELD_BACK = {"CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SSE_PORT"}
"""They tell a command that another one started it."""

SETTINGS = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_MAX_RETRIES": "1",
    "CLAUDE_CODE_DISABLE_FILE_MENTIONS": "1",
    "CLAUDE_CODE_DISABLE_ATTACHMENTS": "1",
    "CLAUDE_CODE_DISABLE_AUTO_MEMORY": "1",
    "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",
    "CLAUDE_CODE_DISABLE_MCP_TASK_BACKGROUND": "1",
    "DISABLE_AUTO_COMPACT": "1",
    "DISABLE_AUTOUPDATER": "1",
    "MCP_TOOL_TIMEOUT": str(LONGEST_CALL * 1000),
}
"""No second traffic, few retries, no ``@file`` of a message read, no memory or compaction beside ours."""


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything that starting a process takes, but its folder."""

    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]


def arguments(model: str, *, tools: bool) -> tuple[str, ...]:
    """The flags for ``model``, with our tools on offer or with none."""
    offer = (f"--mcp-config={configuration()}", f"--allowedTools=mcp__{SERVER}") if tools else ()
    return (*FLAGS, f"--model={model}", *offer)


def environment(own: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What the process sees of ``own``, our environment: its login, the proxies and the language, nothing else.

    ``folder`` is where it may put what it has to put somewhere.
    """
    clouds = tuple(prefix for name in CLOUD_PREFIXES if is_on(own, name) for prefix in CLOUD_PREFIXES[name])
    passed = {name: value for name, value in own.items() if _is_passed(name, clouds)}
    return {**passed, **SETTINGS, "CLAUDE_CODE_TMPDIR": str(folder), "TMPDIR": str(folder)}


def is_on(own: Mapping[str, str], name: str) -> bool:
    """Whether a switch of the environment is on, as the command reads it."""
    return own.get(name, "").lower() in {"1", "true"}


def _is_passed(name: str, clouds: tuple[str, ...]) -> bool:
    upper = name.upper()
    return upper not in HELD_BACK and (upper in PASSED or upper.startswith((*PASSED_PREFIXES, *clouds)))
