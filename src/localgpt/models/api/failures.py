"""Vendors' errors as ours: one sentence that names who failed, and the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
)

from localgpt.core.errors import (
    ContextTooLong,
    CutOff,
    LocalGPTError,
    ModelError,
    NotLoggedIn,
    Overloaded,
    RateLimited,
    Refused,
    UnknownModel,
)
from localgpt.core.redact import Redactor
from localgpt.models.retrying import NotRunning, UsedUp
from localgpt.models.vendors import Endpoint

_ANOTHER = "Try again later, or use another model."
_TOO_LONG = re.compile(
    r"exceed\w* .{0,40}context|context.{0,20}(length|window|size).{0,40}exceed|maximum context|too many tokens"
    r"|prompt is too long|exceed_context_size|context_length_exceeded",
    re.IGNORECASE,
)
_WINDOW = re.compile(
    r"(?:maximum|context (?:length|size|window)|limit|>)[^\d]{0,40}(\d{3,9})|(\d{3,9}) (?:tokens? )?(?:maximum|limit)",
    re.IGNORECASE,
)
_USED_UP = re.compile(
    r"insufficient_quota|exceeded your (?:current |monthly |daily )?(?:quota|usage)|credit|billing"
    r"|(?:daily|weekly|monthly|usage|session) (?:limit|quota)|per.?day",
    re.IGNORECASE,
)
_NO_TOOLS = re.compile(
    r"(not|n't) support (the )?(tools?|function)|tools? (is|are) not supported", re.IGNORECASE
)


class NoTools(ModelError):
    """The model can't use tools; it is asked again without them."""


def explained(error: Exception, place: Endpoint, *, began: bool) -> LocalGPTError:
    """The error to raise in place of ``error``; ``began`` says that some of the reply had come."""
    for cause in _causes(error):
        if isinstance(cause, LocalGPTError):  # our own client's: a host not allowed, a record not written
            return cause
    title = place.vendor.title
    if isinstance(error, ContentFilterError):
        return Refused(f"{title} would not answer this.", hint="Say it in other words, or use another model.")
    if began:
        reason = f": {told}" if (told := _told(error, place)) else ""
        return CutOff(f"{title} stopped in the middle of its answer{reason}.", hint="Ask it to go on.")
    if isinstance(error, TimeoutError | ModelTimeoutError):
        return Overloaded(f"{title} did not answer in time.", hint=_ANOTHER)
    if isinstance(error, ModelConnectionError):
        return _out_of_reach(error, place)
    if isinstance(error, ModelAPIError):
        return _answered(error, place)
    return _not_understood(error, place)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _out_of_reach(error: ModelConnectionError, place: Endpoint) -> ModelError:
    title = place.vendor.title
    if error.phase == "read":
        return Overloaded(f"{title} hung up without an answer.", hint=_ANOTHER)
    if place.local:
        start = place.vendor.start
        hint = f"Is it running? Start it with: {start}" if start else "Is it running?"
        return NotRunning(f"{title} can't be reached at {place.base_url}.", hint=hint)
    return Overloaded(
        f"{title} can't be reached ({place.host}).",
        hint="Is there a network? Models on this machine need none.",
    )


def _answered(error: ModelAPIError, place: Endpoint) -> ModelError:
    """The error for an answer that says no."""
    title, told = place.vendor.title, _told(error, place)
    status = error.status_code if isinstance(error, ModelHTTPError) else 0
    if _NO_TOOLS.search(told):
        return NoTools(f"{place.name} can't use tools.")
    if isinstance(error, ModelContextWindowExceededError) or status == 413 or _TOO_LONG.search(told):
        return ContextTooLong(
            f"The conversation is longer than {place.name} takes.",
            hint="Type /new, /compact, or use a model with a larger window.",
            **sizes(told),
        )
    if isinstance(error, ModelQuotaExceededError):
        hint = "Add credit to the account, or use another model."
        return UsedUp(f"The credit with {title} is used up.", hint=hint)
    if isinstance(error, ModelRateLimitError):
        return _limited(error.retry_after, title, told)
    if isinstance(error, ModelAuthenticationError):
        return _not_let_in(place, told)
    if isinstance(error, ModelNotFoundError) or status == 404:
        return UnknownModel(
            f"{title} has no model {place.model!r}.",
            hint=f"Is {place.base_url} the right address? (providers.{place.vendor.name}.base_url)",
        )
    if isinstance(error, ModelUnavailableError | ModelServerError) or status >= 500:
        return Overloaded(f"{title} is busy or failing{_in_brackets(status, told)}.", hint=_ANOTHER)
    if "without a `finish_reason`" in str(error):  # pydantic-ai has no error of its own for it
        return CutOff(f"{title} stopped before its answer began.", hint="Ask again.")
    if not status:
        return _not_understood(error, place)
    return ModelError(f"{title} can't do this{_in_brackets(status, told)}.", hint="Use another model.")


def _limited(after: float | None, title: str, told: str) -> RateLimited:
    """Too many requests: for a moment, or for the day."""
    if _USED_UP.search(told):
        sentence = f"What {title} allows is used up{_in_brackets(0, told)}."
        return UsedUp(sentence, hint=_ANOTHER, retry_after=after)
    hint = f"Try again in {after:.0f} s, or use another model." if after else _ANOTHER
    return RateLimited(f"{title} takes no more requests for now.", hint=hint, retry_after=after)


def sizes(told: str) -> dict[str, int]:
    """How many ``tokens`` a prompt that was too long is, and the ``window``, as far as a vendor's words say it."""
    plain = re.sub(r"(?<=\d)[,_](?=\d{3})", "", told)
    found = _WINDOW.search(plain)
    if found is None:
        return {}
    window = int(found[1] or found[2])
    tokens = max(map(int, re.findall(r"\d{3,9}", plain)))
    return {"window": window, "tokens": tokens if tokens > window else 0}


def _not_understood(error: Exception, place: Endpoint) -> ModelError:
    return ModelError(
        f"{place.vendor.title} gave no model's answer, but something else ({type(error).__name__}).",
        hint=f"Is {place.base_url} the right address, and nothing in between that wants a login? Or use another model.",
    )


def _not_let_in(place: Endpoint, told: str) -> NotLoggedIn:
    title, variable = place.vendor.title, place.vendor.key_variable
    said = f" ({told})" if told else ""
    if not place.key:
        sentence = f"{title} wants an API key{said}."
    else:
        sentence = f"{title} did not accept the API key{said}."
    where = f"{variable} and " if variable else ""
    return NotLoggedIn(sentence, hint=f"Check {where}providers.{place.vendor.name}.api_key.")


def _in_brackets(status: int, told: str) -> str:
    facts = ", ".join(fact for fact in (str(status) if status else "", told) if fact)
    return f" ({facts})" if facts else ""


def _told(error: BaseException, place: Endpoint) -> str:
    """The vendor's own words, on one line, without secrets."""
    body = getattr(error, "body", None)
    words = _message(body)
    line = " ".join(Redactor([place.key] if place.key else [])(words).split()).rstrip(".")
    return line if len(line) <= 200 else f"{line[:199]}…"


def _message(body: Any) -> str:
    for key in ("error", "message", "detail"):
        if isinstance(body, dict) and key in body:
            return _message(body[key])
    return body if isinstance(body, str) and "<" not in body[:20] else ""
