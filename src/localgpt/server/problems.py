"""Everything that goes wrong, as JSON: a code, one sentence, and what to do next."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from localgpt.agent.transcript import clean
from localgpt.core import errors
from localgpt.core.errors import LocalGPTError

STATUS: Mapping[type[LocalGPTError], int] = {
    errors.UsageError: 400,
    errors.Locked: 423,
    errors.IndexDamaged: 503,
    errors.StorageError: 500,
    errors.NotFound: 404,
    errors.OutsideError: 403,
    errors.Conflict: 409,
    errors.UnreadableError: 422,
    errors.UnknownModel: 400,
    errors.NotLoggedIn: 502,
    errors.RateLimited: 429,
    errors.Overloaded: 503,
    errors.ContextTooLong: 422,
    errors.Refused: 422,
    errors.BudgetReached: 402,
    errors.ModelError: 502,
    errors.Unreachable: 502,
    errors.EmbeddingError: 503,
    errors.ToolError: 422,
    errors.FrozenError: 423,
}
"""The status of each error; a class that isn't here has the one of the nearest class above it."""

_log = logging.getLogger(__name__)

_HTTP = {
    404: ("not_found", "There is nothing at this address.", "GET /api/docs lists what there is."),
    408: ("slow", "The body did not come.", "Send it without long pauses."),
    413: ("too_large", "The body is too large.", "server.max_request_body says how large it may be."),
    405: ("method", "This address does not take that method.", "GET /api/docs says which it takes."),
}
_HALF = ("A text in it has half a character (a lone surrogate).", "Send whole characters.")
BUG = ("bug", "Something went wrong in this program.", "Its log says more; `localgpt logs` shows it.")


class Refusal(LocalGPTError):
    """A request that is not let in, with its status; ``headers`` go along."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.reason = code
        self.headers = dict(headers or {})


def body(code: str, message: str, hint: str = "") -> dict[str, Any]:
    """The JSON of a problem."""
    return {"error": {"code": code, "message": clean(message), "hint": clean(hint)}}


def status_of(error: LocalGPTError) -> int:
    """The HTTP status that fits an error."""
    if isinstance(error, Refusal):
        return error.status
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def answer(error: LocalGPTError) -> JSONResponse:
    """The response for an error of ours."""
    if isinstance(error, Refusal):
        told = body(error.reason, error.message, error.hint)
        return JSONResponse(told, error.status, headers=error.headers)
    wait = getattr(error, "retry_after", None)
    headers = {"Retry-After": str(max(1, round(wait)))} if wait else None
    return JSONResponse(body(error.code, error.message, error.hint), status_of(error), headers=headers)


def answer_bug(error: Exception) -> JSONResponse:
    """The response for anything unforeseen; the log has the rest."""
    if isinstance(error, UnicodeEncodeError):
        return JSONResponse(body("invalid", *_HALF), 422)
    _log.error("a request broke: %s", type(error).__name__, exc_info=error)
    return JSONResponse(body(*BUG), 500)


def install(app: FastAPI) -> None:
    """Let every failure of ``app``'s routes come out as JSON."""
    app.add_exception_handler(LocalGPTError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_input)
    app.add_exception_handler(HTTPException, _of_http)


async def _of_ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, LocalGPTError)
    return answer(error)


async def _of_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code, message, hint = _HTTP.get(error.status_code, ("http", str(error.detail), ""))
    return JSONResponse(body(code, message, hint), error.status_code, headers=error.headers)


async def _of_input(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return JSONResponse(body("json", "The body is not valid JSON.", "Send one JSON object."), 400)
    if first["type"] == "model_attributes_type":
        hint = "Send one JSON object, with Content-Type: application/json."
        return JSONResponse(body("invalid", "The body is no JSON object.", hint), 422)
    place = ".".join(str(part) for part in first["loc"][1:]) or "the body"
    hint = "GET /api/docs says what this address takes."
    return JSONResponse(body("invalid", f"{place}: {first['msg']}.", hint), 422)
