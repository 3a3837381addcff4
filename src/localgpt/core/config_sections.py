"""The table of settings: what may stand in each section of ``config.toml``.

A field's name, type, default, sentence and limits stand in one place; ``localgpt.core.config`` makes everything else
from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

T = TypeVar("T")

EVERY_NOTE = "**/*.md"


@dataclass(frozen=True, slots=True)
class NoteFolder:
    """A folder of notes beside the workspace; ``pattern`` is a glob below it."""

    path: str
    pattern: str = EVERY_NOTE


Value: TypeAlias = bool | int | float | str | tuple[str, ...] | tuple[NoteFolder, ...]


def _setting(
    default: T,
    doc: str,
    *,
    choices: tuple[str, ...] = (),
    least: int = 0,
    most: int = 0,
    of: type = str,
    shown: bool = True,
) -> T:
    limits = {"doc": doc, "choices": choices, "least": least, "most": most, "of": of}
    return field(default=default, metadata=limits, repr=shown)


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """``[agent]``: who answers, and how far a turn may go."""

    default_model: str = _setting("", "The model that answers; empty chooses by itself.")
    context_window: int = _setting(
        128_000, "The most tokens of a prompt, where the model itself takes more.", least=1000
    )
    fallback_models: tuple[str, ...] = _setting(
        (), "Models that answer, in this order, where the one above can't for the moment."
    )
    max_tokens: int = _setting(4096, "The most tokens of one reply.", least=1)
    max_tool_rounds: int = _setting(10, "How often a model may use tools in one turn.", least=1, most=100)


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """``[budget]``: what models that are not on this machine may cost."""

    turn_usd: float = _setting(0.0, "US dollars that one turn may cost; 0 is no limit.")
    day_usd: float = _setting(0.0, "US dollars that one day on this machine may cost; 0 is no limit.")
    day_tokens: int = _setting(
        0, "Tokens that models elsewhere may read and write for this machine in one day; 0 is no limit."
    )


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """``[memory]``: where the notes are, and how they are found."""

    workspace: str = _setting(
        "",
        "The folder of the notes; empty is `workspace` in the home, a relative path starts there. "
        "An OpenClaw workspace can be named here.",
    )
    embedding_provider: str = _setting(
        "local",
        "Search by meaning: `local` uses the model that comes along, `fastembed` downloads the one named below, "
        "`ollama`, `openai` or a name of `[providers]` asks a server for vectors, `none` searches by words only. "
        "`PROVIDER/MODEL` says both; see docs/embeddings.md.",
    )
    embedding_model: str = _setting(
        "all-MiniLM-L6-v2", "The embedding model, where the setting above names none."
    )
    paths: tuple[NoteFolder, ...] = _setting(
        (),
        "Further folders to search, as `[[memory.paths]]` with `path` and `pattern`; a relative path "
        "starts in the workspace (which is searched anyway).",
        of=NoteFolder,
    )
    index_sessions: bool = _setting(True, "Find conversations too, not only notes.")  # noqa: FBT003 - a default
    learn_cases: bool = _setting(
        True,  # noqa: FBT003 - a default
        "Keep questions with the notes that answered them, on this machine only, to tell when searching gets worse.",
    )
    harvest: bool = _setting(True, "Note what is worth keeping of a conversation without being asked.")  # noqa: FBT003 - a default
    harvest_by_model: bool = _setting(
        True,  # noqa: FBT003 - a default
        "Let the model that answers pick what is worth keeping; otherwise rules do.",
    )


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """``[context]``: what a model is given beside the conversation."""

    always_loaded_tokens: int = _setting(
        6000, "The most tokens of the notes that stand in every prompt; the rest is cut with a mark."
    )
    passages: int = _setting(8, "How many found passages stand in a prompt.", most=100)


@dataclass(frozen=True, slots=True)
class SecuritySettings:
    """``[security]``: what tools may touch, and when you are asked."""

    allowed_directories: tuple[str, ...] = _setting(
        (), "Folders outside the workspace that tools may read and write."
    )
    mode: str = _setting(
        "ask",
        "What happens without a question: see docs/security.md. `plan` and `read-only` change nothing.",
        choices=("ask", "trusted", "read-only", "plan", "yolo"),
    )
    trusted_folders: tuple[str, ...] = _setting(
        (), "Folders in which mode `trusted` asks about nothing, as long as nothing foreign was read."
    )
    yolo_folder: str = _setting(
        "", "The one folder in which mode `yolo` asks about nothing, as long as nothing foreign was read."
    )
    approval_seconds: int = _setting(
        600, "How long a question about a tool call waits for you; then it means no.", least=5, most=86_400
    )


@dataclass(frozen=True, slots=True)
class WebSearchSettings:
    """``[tools.web_search]``: who is asked when the web is searched."""

    provider: str = _setting(
        "none",
        "Who searches the web: `searxng` (a server of your own), `brave` (with a key), `duckduckgo` (without "
        "one, and not often), or `none`.",
        choices=("none", "searxng", "brave", "duckduckgo"),
    )
    base_url: str = _setting(
        "",
        "The address of a SearXNG server, like `http://127.0.0.1:8888`; for the others, only if it is not the usual one.",
    )
    api_key: str = _setting(
        "",
        'The key for Brave, or where it is: `"${NAME}"`, `"secret:NAME"`, `"command:…"` (docs/secrets.md).',
        shown=False,
    )


@dataclass(frozen=True, slots=True)
class HeartbeatSettings:
    """``[heartbeat]``: what is looked after unasked, and what that may use up."""

    enabled: bool = _setting(True, "Look after what stands in HEARTBEAT.md while the daemon runs.")  # noqa: FBT003 - a default
    interval: str = _setting("30m", "How often: `30m`, `1h30m`, `2d`; `0m` is never.")
    timezone: str = _setting(
        "", "The zone of the hours below, like `Europe/Vienna`; empty is this machine's."
    )
    model: str = _setting("", "The model for it; empty is the one that answers otherwise.")
    timeout: str = _setting("", "How long one run may take; empty is half the interval, at most 10 minutes.")
    prompt: str = _setting("", "What is said instead of the usual words, as it stands here.")
    ack_max_chars: int = _setting(300, "So many characters beside HEARTBEAT_OK are still nothing to tell.")
    parallel: int = _setting(3, "How many runs go side by side.", least=1, most=20)
    notify: bool = _setting(True, "Show a notification on the desktop when there is something to tell.")  # noqa: FBT003 - a default
    webhook: str = _setting("", "An address that is sent what there is to tell, as JSON; empty is none.")
    day_turns: int = _setting(60, "The most turns that nobody sits in front of in one day; 0 is no limit.")
    day_tokens: int = _setting(300_000, "The most tokens that they read and write in one day; 0 is no limit.")
    day_usd: float = _setting(1.0, "The most US dollars that they cost in one day; 0 is no limit.")


@dataclass(frozen=True, slots=True)
class ActiveHoursSettings:
    """``[heartbeat.active_hours]``: the hours in which it may run by itself."""

    start: str = _setting("", "From when on, like `08:00`; empty is midnight.")
    end: str = _setting("", "Until when (not included), like `22:00`, or `24:00`; it may lie after midnight.")


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """``[chat]``: the conversation in the terminal."""

    render_markdown: bool = _setting(True, "Show replies as formatted text on a terminal.")  # noqa: FBT003 - a default
    editing_mode: str = _setting("emacs", "The keys of the input line.", choices=("emacs", "vi"))


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """``[server]``: the page and the HTTP interface."""

    enabled: bool = _setting(True, "Let the daemon serve the page and the HTTP interface.")  # noqa: FBT003 - a default
    port: int = _setting(31327, "The port of the page and the HTTP interface.", most=65535)
    bind: str = _setting(
        "127.0.0.1",
        "The address to listen at. Anything but this machine's own lets others try the token; see docs/access.md.",
    )
    hosts: tuple[str, ...] = _setting(
        (), "Further names by which browsers may ask for the page, as they stand in its address."
    )
    cors_origins: tuple[str, ...] = _setting(
        (), "Other pages that may use the HTTP interface with the token, like `https://example.org`."
    )
    auth_token: str = _setting(
        "", "A token of your own instead of the one in `state/token`; 16 characters or more.", shown=False
    )
    max_request_body: int = _setting(
        10_485_760, "The most bytes of a request, files that are attached apart.", least=10_000
    )
    requests_per_minute: int = _setting(
        1200, "How often one client may ask in a minute; 0 is no limit.", most=1_000_000
    )
    tls_cert_file: str = _setting("", "A certificate (PEM) of your own, for HTTPS.")
    tls_key_file: str = _setting("", "The private key (PEM) of that certificate.")


@dataclass(frozen=True, slots=True)
class DaemonSettings:
    """``[daemon]``: the process that stays."""

    stop_grace: int = _setting(
        10,
        "Seconds that turns have to finish when the daemon is told to stop; then they are interrupted.",
        most=3600,
    )


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """``[history]``: where the changes of the notes are kept as commits."""

    in_workspace: bool = _setting(
        False,  # noqa: FBT003 - a default
        "Commit what a turn changed into your own git repository of the workspace too, where that is safe.",
    )


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    """``[logging]``: what the program writes about itself into ``logs/``."""

    level: str = _setting(
        "info",
        "What the daemon's log tells: this and everything worse.",
        choices=("error", "warn", "warning", "info", "debug", "trace"),
    )
    retention_days: int = _setting(
        30, "For how many days logs are kept; 0 keeps them until they take 200 MB together.", most=3650
    )
