"""What the ``claude`` command says went wrong, as one of our errors with a sentence and a way on.

Its exit code and the ``subtype`` of its result say nothing: an error of the service comes as ``success``. What counts
is ``is_error``, then the status of the service, then the kind that stood with the message, then the words.
"""

from __future__ import annotations

import re

from localgpt.core.errors import (
    ContextTooLong,
    CutOff,
    ModelError,
    NotLoggedIn,
    Overloaded,
    RateLimited,
    Refused,
    UnknownModel,
)
from localgpt.core.redact import redact
from localgpt.models.claude_cli.protocol import Json
from localgpt.models.retrying import UsedUp

LOG_IN = "Run `claude` once and log in, or choose another model: localgpt model list"
INSTALL = "Install Claude Code (claude.com/claude-code), or choose another model: localgpt model list"
LATER = "Try again in a while, or choose another model: localgpt model list"
OTHER = "Choose another model: localgpt model list"

SAID_CHARS = 400

_LOGIN = re.compile(
    r"not logged in|run /login|oauth token (?:has )?(?:expired|been revoked)|invalid api key", re.IGNORECASE
)
_LIMIT = re.compile(
    r"(?:usage|session|weekly|opus) limit|limit reached|hit your .{0,20}limit|credit balance", re.IGNORECASE
)
_LONG = re.compile(r"prompt is too long|request too large|context (?:window|length)", re.IGNORECASE)
_STATUS: dict[int, str] = {401: "login", 403: "login", 404: "model", 413: "long", 429: "limit"}
_KINDS: dict[str, str] = {
    "authentication_failed": "login",
    "billing_error": "limit",
    "rate_limit": "limit",
    "model_not_found": "model",
    "overloaded": "busy",
    "server_error": "busy",
}
SERVER_ERRORS = 500


def from_result(result: Json, *, model: str, kind: str = "", retry_after: float | None = None) -> ModelError:
    """The error that a ``result`` with ``is_error`` tells of.

    ``kind`` is the ``error`` of the synthetic message before it, ``retry_after`` what the last retry waited.
    """
    said = words_of(result)
    quoted = f" It says: {said}" if said else ""
    match _class(result, kind, said):
        case "refused":
            return Refused(
                f"{model} would not answer this.{quoted}", hint="Put it in other words, or start anew."
            )
        case "long":
            return ContextTooLong(
                f"The conversation is too long for {model}.{quoted}",
                hint="Start a new one, or compact this one.",
            )
        case "login":
            return NotLoggedIn(f"The `claude` command is not logged in.{quoted}", hint=LOG_IN)
        case "limit":
            sentence = f"{model} takes no more requests for now.{quoted}"
            used_up = kind == "billing_error" or _LIMIT.search(said)
            return (UsedUp if used_up else RateLimited)(sentence, hint=LATER, retry_after=retry_after)
        case "model":
            return UnknownModel(f"The `claude` command knows no model {model!r}.{quoted}", hint=OTHER)
        case "busy":
            return Overloaded(f"{model} can't be reached or is busy.{quoted}", hint=LATER)
    return ModelError(f"The `claude` command failed.{quoted}", hint=LATER)


def _class(result: Json, kind: str, said: str) -> str:
    status = result.get("api_error_status")
    if result.get("stop_reason") == "refusal":
        return "refused"
    if result.get("terminal_reason") == "prompt_too_long" or _LONG.search(said):
        return "long"
    if isinstance(status, int) and status >= SERVER_ERRORS:
        return "busy"
    for known in (
        _STATUS.get(status) if isinstance(status, int) else None,
        _by_words(said),
        _KINDS.get(kind),
    ):
        if known:
            return known
    return ""


def _by_words(said: str) -> str:
    if _LOGIN.search(said):
        return "login"
    return "limit" if _LIMIT.search(said) else ""


def words_of(result: Json) -> str:
    """What the command said, on one line, short, and without secrets."""
    said = result.get("result")
    if not isinstance(said, str) or not said:
        errors = result.get("errors")
        said = "; ".join(map(str, errors)) if isinstance(errors, list) else ""
    return short(said)


def short(text: str) -> str:
    """At most a few hundred characters of someone else's text, on one line and without secrets."""
    line = " ".join(redact(text).split())
    return line if len(line) <= SAID_CHARS else line[: SAID_CHARS - 1] + "…"


def not_installed(command: str) -> ModelError:
    """There is nothing to start."""
    return ModelError(f"There is no command {command!r} on this machine.", hint=INSTALL)


def not_started(command: str, reason: str) -> ModelError:
    """It was started and didn't come up."""
    quoted = f" It says: {short(reason)}" if reason.strip() else ""
    return ModelError(
        f"The command {command!r} could not be started.{quoted}", hint=f"Try it: {command} --version"
    )


def died(code: int | None, stderr: str, *, midway: bool) -> ModelError:
    """The process ended before its answer did; ``midway`` when part of the answer had come."""
    how = f"with exit code {code}" if code is not None else "without a word"
    quoted = f" It says: {short(stderr)}" if stderr.strip() else ""
    if midway:
        return CutOff(
            f"The `claude` command ended {how} in the middle of its answer.{quoted}", hint="Ask it to go on."
        )
    return ModelError(
        f"The `claude` command ended {how} before it answered.{quoted}", hint="Try it: claude -p hello"
    )


def silent(seconds: float, *, midway: bool) -> ModelError:
    """It runs but says nothing."""
    if midway:
        return CutOff(f"The `claude` command said nothing for {seconds:g} seconds.", hint="Ask it to go on.")
    return Overloaded(f"The `claude` command did not answer within {seconds:g} seconds.", hint=LATER)
