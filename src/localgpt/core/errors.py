"""Everything that can go wrong and is worth a sentence.

    LocalGPTError                  one sentence that names the thing, and a hint that says what to do next
    ├── UsageError                 the command was called in a way that makes no sense (exit code 2)
    │   └── ConfigError            a setting is unknown or has a value it can't have
    ├── StorageError               the disk said no: full, read-only, no permission
    │   ├── Locked                 another process holds what this one needs
    │   └── IndexDamaged           the search index can't be read (it is put aside and rebuilt)
    ├── NotFound                   a note, session, setting or model that is not there
    ├── OutsideError               a path outside the folders that the owner has allowed
    ├── Conflict                   the file is not as it was when it was read
    ├── UnreadableError            a file that is not text, or too large to be a note
    ├── ModelError                 an engine could not answer
    │   ├── UnknownModel           no engine has that name
    │   ├── NotLoggedIn            no key, a wrong key, or a command that is not logged in
    │   ├── RateLimited            too many requests, or a quota is used up
    │   ├── Overloaded             the model's service is busy, failing or out of reach
    │   ├── ContextTooLong         the prompt is larger than the model takes
    │   ├── Refused                the model would not answer this
    │   ├── BudgetReached          what the owner lets a turn or a day cost is spent
    │   └── CutOff                 the stream broke in the middle; what came is kept
    ├── Unreachable                a place on the network that did not answer, or not as it should
    ├── EmbeddingError             no vectors from the embedding model (text search goes on)
    ├── SandboxError               a command could not be run behind walls, and so was not run
    ├── FrozenError                the owner has stopped everything; nothing runs until it is thawed
    └── ToolError                  a tool was called in a way it can't do; the model is told

Doors print ``str(error)`` and the hint, and exit with ``exit_code``; nothing else reaches the owner's eyes.
"""

from __future__ import annotations

from typing import ClassVar


class LocalGPTError(Exception):
    """The root: ``message`` is one sentence, ``hint`` what to do next (may be empty)."""

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(LocalGPTError):
    """The command was called in a way that makes no sense."""

    exit_code = 2
    code = "usage"


class ConfigError(UsageError):
    """A setting is unknown or has a value it can't have."""

    code = "config"


class StorageError(LocalGPTError):
    """The disk said no: full, read-only, no permission."""

    code = "storage"


class Locked(StorageError):
    """Another process holds what this one needs."""

    code = "locked"


class IndexDamaged(StorageError):
    """The search index can't be read; it is only a cache and can be rebuilt."""

    code = "index_damaged"


class NotFound(LocalGPTError):
    """A note, session, setting or model that is not there."""

    code = "not_found"


class OutsideError(LocalGPTError):
    """A path outside the folders that the owner has allowed."""

    code = "outside"


class Conflict(LocalGPTError):
    """The file is not as it was when it was read."""

    code = "conflict"


class UnreadableError(LocalGPTError):
    """A file that is not text, or too large to be a note."""

    code = "unreadable"


class ModelError(LocalGPTError):
    """An engine could not answer."""

    code = "model"


class UnknownModel(ModelError):
    """No engine has that name."""

    code = "unknown_model"


class NotLoggedIn(ModelError):
    """No key, a wrong key, or a command that is not logged in."""

    code = "not_logged_in"


class RateLimited(ModelError):
    """Too many requests, or a quota is used up. ``retry_after`` is in seconds, if the service said."""

    code = "rate_limited"

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class Overloaded(ModelError):
    """The model's service is busy, failing or out of reach; another try or another model may do."""

    code = "overloaded"


class ContextTooLong(ModelError):
    """The prompt is larger than the model takes. ``tokens`` it is, ``window`` it may be, where the service said so (else 0)."""

    code = "context_too_long"

    def __init__(self, message: str, *, hint: str = "", tokens: int = 0, window: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.tokens = tokens
        self.window = window


class Refused(ModelError):
    """The model would not answer this."""

    code = "refused"


class BudgetReached(ModelError):
    """What the owner lets a turn or a day cost is spent; the model was not asked."""

    code = "budget_reached"


class CutOff(ModelError):
    """The stream broke in the middle; what came is kept."""

    code = "cut_off"


class Unreachable(LocalGPTError):
    """A place on the network that did not answer, or not as it should."""

    code = "unreachable"


class EmbeddingError(LocalGPTError):
    """No vectors from the embedding model; text search goes on without it."""

    code = "embedding"


class ToolError(LocalGPTError):
    """A tool was called in a way it can't do; the sentence goes to the model."""

    code = "tool"


class SandboxError(LocalGPTError):
    """A command could not be run behind walls, and so was not run."""

    code = "sandbox"


class FrozenError(LocalGPTError):
    """The owner has stopped everything; nothing runs until it is thawed."""

    code = "frozen"
