"""Secrets out of text: known shapes of keys and tokens, and the owner's own ones, become ``[redacted:kind]``.

For whatever is shown or kept beyond the file it stands in: logs, reports, ``config show``. Only shapes that ordinary
text doesn't have are taken: a hash, a UUID or the word "password" stays. All patterns are tried in one pass; each
begins with a fixed text and takes the longest run of its characters, so the time is linear in the text, and
redacting twice is the same as once.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from urllib.parse import quote, quote_plus

_SHAPES = {
    "anthropic_key": r"sk-ant-[A-Za-z0-9_-]{16,}+",
    "openai_key": r"sk-(?:proj|svcacct|admin|or-v1)-[A-Za-z0-9_-]{16,}+|sk-(?=[A-Za-z]*+[0-9])[A-Za-z0-9]{20,}+",
    "stripe_key": r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}+",
    "github_token": r"gh[opsur]_[A-Za-z0-9]{30,}+|github_pat_[A-Za-z0-9_]{22,}+",
    "gitlab_token": r"glpat-[A-Za-z0-9_-]{20,}+",
    "slack_token": r"xox[abeoprs]-[A-Za-z0-9-]{10,}+|xapp-[0-9]-[A-Za-z0-9-]{10,}+",
    "aws_key": r"A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "google_key": r"AIza[A-Za-z0-9_-]{35,}+",
    "huggingface_token": r"hf_[A-Za-z0-9]{30,}+",
    "npm_token": r"npm_[A-Za-z0-9]{36,}+",
    "pypi_token": r"pypi-[A-Za-z0-9_-]{50,}+",
    "telegram_token": r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33,}+",
    "jwt": r"eyJ[A-Za-z0-9_-]{8,}+\.eyJ[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+)?",
    "bearer": r"(?P<keep_scheme>[Bb]earer[ \t]{1,8})(?=[A-Za-z._~+/=-]*+[0-9])[A-Za-z0-9._~+/=-]{16,}+",
}
"""Keys known by how they begin. They stand at the start of a word."""

_PRIVATE_KEY = (
    r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:[^-]++|-(?!----))*+-----END [A-Z0-9 ]{0,40}+-----"
    r"|(?:(?:\s|\\[nr])*+[A-Za-z0-9+/=]{16,}+)*+)"
)
_LOGIN = r"(?P<keep_slashes>://)(?!\[redacted:[a-z-]+\]@)[^\s/@:?#\"'<>]{0,128}+:[^\s/@\"'<>]{1,256}+(?=@)"

_NAMES = r"(?:pass(?:word|wd|phrase|wort)|kennwort|secret|token|(?:api|access|private)[_-]?key)"
_OUTSIDE = r"\s\"'`,;&|<>(){}\[\]\\"
_CHARACTER = f"[^{_OUTSIDE}]"
_TELLING = f"(?={_CHARACTER}{{8}})[^{_OUTSIDE}0-9]{{0,64}}+[0-9]"
_NAMED = (
    rf"(?P<keep_name>(?i:{_NAMES})"
    rf"(?:=\\?[\"']?|\\?[\"']?[ \t]{{0,8}}[:=][ \t]{{0,8}}\\?[\"']?(?={_TELLING})))"
    rf"(?![$*.%]|(?i:none|null|true|false)\b){_CHARACTER}{{4,}}+(?![(\[])"
)
"""``password=...`` with any value; ``password: ...`` only with one that has eight characters and a digit."""

_WORD_START = r"(?<![A-Za-z0-9])|(?<=\\[nrt])"
_MARK = r"\[redacted:[a-z-]{1,40}+\]"
_LEAST = 8


class Redactor:
    """Takes secrets out of text; ``extra`` are the owner's own keys and passwords (of eight characters or more),
    also as they stand in addresses, in JSON and in base64.

    With ``named`` also what stands behind a word like *password*.
    """

    def __init__(self, extra: Iterable[str] = (), *, named: bool = True) -> None:
        spelled = {form for one in extra if len(one) >= _LEAST for form in _forms(one)}
        own = sorted(spelled, key=lambda one: (-len(one), one))
        shapes = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _SHAPES.items())
        parts = [f"(?P<mark>{_MARK})"]
        parts += ["(?P<own_secret>" + "|".join(map(re.escape, own)) + ")"] if own else []
        after_own = "".join(f"|(?<={re.escape(one)})" for one in own)
        parts += [f"(?:{_WORD_START}{after_own})(?:{shapes})", f"(?P<private_key>{_PRIVATE_KEY})"]
        parts += [f"(?P<login>{_LOGIN})"]
        parts += [f"(?P<password>{_NAMED})"] if named else []
        self._pattern = re.compile("|".join(parts))

    def __call__(self, text: str) -> str:
        """The text with every secret replaced by ``[redacted:kind]``."""
        return self._pattern.sub(_replacement, text)

    def found(self, text: str) -> Iterator[tuple[int, str]]:
        """Where secrets stand (the offset of each), and of what kind."""
        for match in self._pattern.finditer(text):
            if (kind := match.lastgroup or "") != "mark":
                yield match.start(), kind.replace("_", " ")


def _forms(key: str) -> Iterator[str]:
    """A key as it is written in plain text, in addresses, in JSON, and in base64 (as of ``Authorization: Basic``)."""
    yield key
    with suppress(UnicodeEncodeError):
        data = key.encode()
        quoted = quote(key, safe="")
        yield from (quoted, quote(key), quote_plus(key))
        yield re.sub("%..", lambda found: found[0].lower(), quoted)
        yield from (json.dumps(key)[1:-1], json.dumps(key, ensure_ascii=False)[1:-1])
        yield b64encode(data).decode().rstrip("=")


def _replacement(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    if kind == "mark":
        return match[0]
    kept = next((text for name, text in match.groupdict().items() if text and name.startswith("keep_")), "")
    return f"{kept}[redacted:{kind.replace('_', '-')}]"


def know(secrets: Iterable[str]) -> None:
    """Let ``redact`` take these keys and passwords of the owner out too, for as long as the process lives."""
    own = frozenset(one for one in secrets if len(one) >= _LEAST)
    if not own <= _own:
        _own.update(own)
        _plain.cache_clear()
        keys_only.cache_clear()


def redact(text: str) -> str:
    """The text without secrets of a known shape, and without those that ``know`` was told."""
    return _plain()(text)


_own: set[str] = set()


@cache
def _plain() -> Redactor:
    return Redactor(_own)


@cache
def keys_only() -> Redactor:
    """Takes out what can only be a key, and what ``know`` was told, and leaves words beside *password*.

    For what the owner may ask about: the code of a door is in notes to be found.
    """
    return Redactor(_own, named=False)
