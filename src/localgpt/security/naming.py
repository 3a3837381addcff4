"""Whether a value of a call stands, literally and whole, in a text. Pure.

Compared are whole things, never parts of words: an e-mail address, a web address, an account number, an amount however it
is grouped, a day and a time in the usual spellings, otherwise words in their order. The host of an address is not the
address, and a command with signs that mean something to a shell must stand there letter by letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from localgpt.security.content import visible
from localgpt.security.moments import days_in, times_in
from localgpt.security.sending import address, addresses_in

GENERIC = frozenset({"", "none", "null", "nil", "true", "false", "default", "me", "self", "unknown", "n/a"})
"""Values that decide nothing."""
_EMPTY_WORDS = frozenset(
    "a an and as at be by for from i in is it of on or so the this that to up we with you"
    " am an auf aus das dem den der des die ein eine es für ich im in ist mit oder sie und von wir zu zum zur"
    " de el en et la le les los un une y à".split()
)
_EDGES = " \t\n.,;:!?()[]{}<>\"'`“”„‚‘’«»‹›*_…=#@"
_POSSESSIVE = re.compile(r"['’]s$")
_MAIL = re.compile(
    r"(?<![^\s<>()\[\]{},;:\"'`“”„|\\])[^\s<>()\[\]{},;:\"'`“”„|\\@]{1,128}+@[^\s<>()\[\]{},;:\"'`“”„|\\/?=&]+"
)
_DISPLAY_NAME = re.compile(r"[^,;<>@]*<([^<>]+)>")
_SHELL = re.compile(r"[|&;<>$`\\*?(){}!\n~#=%\"']")
_SPAN = re.compile(
    r"```[\w+-]*\n?(.+?)```|`([^`]+)`|\"([^\"\n]+)\"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»", re.DOTALL
)
_NUMBER = re.compile(r"[-+]?\d+(?:[.,'’\u00a0\u202f ]\d+)*")
_MONEY = re.compile(
    r"(?:[$€£¥₹]|\b(?:usd|eur|gbp|chf|jpy|euros?|dollars?|pounds?|franken|rs)\b|[\s,.])", re.IGNORECASE
)
_ACCOUNT = re.compile(r"[a-z]{2}\d{2}[a-z0-9]{10,30}")
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOST = re.compile(r"^(?:[\w-]+\.)+[a-z]{2,}(?:[:/?#]\S*)?$", re.IGNORECASE)
_CLOSES = re.compile(r"[\"'`”“»),.;:!?]+(?:\s|$)")
_GOES_ON = re.compile(r"\s*(?:--?\w|[|&;<>])")
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class _Facts:
    """What stands in a text, as it is compared."""

    text: str
    words: tuple[str, ...]
    mails: frozenset[str]
    addresses: frozenset[str]
    numbers: frozenset[str]
    days: frozenset[str]
    times: frozenset[str]
    accounts: str
    spans: frozenset[str]


def is_generic(value: str) -> bool:
    """Whether a value decides nothing."""
    return value.strip().casefold() in GENERIC


def is_addressed(value: str) -> bool:
    """Whether a value is (or holds) an e-mail address, or is a web address or an account."""
    return "@" in value or _URL.match(value) is not None or _ACCOUNT.fullmatch(_compact(value)) is not None


def stands_in(value: str, texts: Iterable[str]) -> bool:
    """Whether ``value`` stands whole in one of the texts; an address list does if each of its addresses does."""
    if visible(value) != value:
        return False
    known = [_facts(text[:_LONGEST]) for text in texts if text]
    return bool(known) and _stands(value.strip(), known)


def command_stands_in(command: str, texts: Iterable[str]) -> bool:
    """Whether a command stands in one of the texts as a command: whole where it is quoted, and not cut short."""
    if visible(command) != command or not command.strip():
        return False
    wanted = " ".join(command.split())
    return any(_is_command(wanted, _facts(text[:_LONGEST])) for text in texts if text)


def _stands(value: str, known: list[_Facts]) -> bool:
    mails = _MAIL.findall(value)
    if mails:
        return _mails_stand(value, mails, known)
    if _URL.match(value) or ("/" in value and _HOST.match(value)):
        found = address(value)
        return bool(found) and any(found in facts.addresses for facts in known)
    if _HOST.match(value):
        wanted = {_fold(value), f"https://{_fold(value)}", f"http://{_fold(value)}"}
        return any(not wanted.isdisjoint(facts.words) for facts in known)
    compact = _compact(value)
    if _ACCOUNT.fullmatch(compact):
        return any(_in_accounts(compact, facts.accounts) for facts in known)
    return _is_amount(value, known) or _is_moment(value, known) or _are_words(value, known)


def _mails_stand(value: str, mails: list[str], known: list[_Facts]) -> bool:
    everywhere = frozenset().union(*(facts.mails for facts in known))
    if not all(_mail(mail) in everywhere for mail in mails):
        return False
    rest = _DISPLAY_NAME.sub(r"\1", value)
    for mail in mails:
        rest = rest.replace(mail, " ")
    return all(_are_words(word, known) for word in _words(rest))


def _is_amount(value: str, known: list[_Facts]) -> bool:
    plain = _MONEY.sub(lambda found: found[0] if found[0] in ".," else "", value).strip()
    if not _NUMBER.fullmatch(plain):
        return False
    wanted = _machine_number(plain)
    return any(wanted in facts.numbers for facts in known)


def _is_moment(value: str, known: list[_Facts]) -> bool:
    """A day, a time, or both."""
    days, times, rest = _moment(value)
    if rest or not (days or times):
        return False
    return any(all(_day_stands(day, facts.days) for day in days) and times <= facts.times for facts in known)


def _moment(value: str) -> tuple[frozenset[str], frozenset[str], str]:
    days, left = days_in(value)
    times, left = times_in(left)
    return days, times, left.strip(" \tTZtz.,;:-")


def _day_stands(day: str, days: frozenset[str]) -> bool:
    """``2026-05-14`` stands where the owner wrote it, or the day and month without any year."""
    return day in days or f"--{day[5:]}" in days


def _are_words(value: str, known: list[_Facts]) -> bool:
    wanted = _words(value)
    if not wanted or all(word in _EMPTY_WORDS for word in wanted) or _NUMBER.fullmatch(value):
        return False
    if _SHELL.search(value.strip(_EDGES)) and " " in value:
        flat = " ".join(value.split())
        return any(_bounded(flat, facts.text) for facts in known)
    return any(_follows(wanted, facts.words) for facts in known)


def _is_command(wanted: str, facts: _Facts) -> bool:
    if wanted in facts.spans:
        return True
    if any(_bounded(wanted, span) for span in facts.spans):
        return False  # a part of what was quoted whole
    return _bounded(wanted, facts.text, command=True)


def _bounded(wanted: str, text: str, *, command: bool = False) -> bool:
    """Whether ``wanted`` stands in ``text`` between blanks or punctuation; a command not before another option of it."""
    at = text.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        left = at == 0 or text[at - 1].isspace() or text[at - 1] in "\"'`“„«(:"
        right = end == len(text) or text[end].isspace() or _CLOSES.match(text, end) is not None
        if left and right and not (command and _GOES_ON.match(text, end)):
            return True
        at = text.find(wanted, at + 1)
    return False


def _follows(wanted: tuple[str, ...], words: tuple[str, ...]) -> bool:
    first, length = wanted[0], len(wanted)
    return any(word == first and words[at : at + length] == wanted for at, word in enumerate(words))


@lru_cache(maxsize=128)
def _facts(text: str) -> _Facts:
    days, without_days = days_in(text)
    times, rest = times_in(without_days)
    spans = frozenset(" ".join(next(filter(None, found)).split()) for found in _SPAN.findall(text))
    return _Facts(
        " ".join(text.split()),
        _words(text),
        frozenset(map(_mail, _MAIL.findall(text))),
        addresses_in(text),
        frozenset(_numbers(rest)),
        days,
        times,
        " ".join(map(_compact, text.split())),
        spans,
    )


def _words(text: str) -> tuple[str, ...]:
    found = (_POSSESSIVE.sub("", part.strip(_EDGES)).strip(_EDGES) for part in text.split())
    return tuple(_fold(word.removeprefix("./")) for word in found if word)


def _fold(word: str) -> str:
    """Letters of two cases are one; others stay as they are, for what only looks alike is not the same."""
    if word.isascii():
        return word.lower()
    small = (one if one.lower().isascii() and not one.isascii() else one.lower() for one in word)
    return unicodedata.normalize("NFC", "".join(small))


def _mail(found: str) -> str:
    return _fold(found.strip(_EDGES))


def _compact(text: str) -> str:
    return re.sub(r"[\s.-]", "", text).strip(_EDGES).lower()


def _in_accounts(wanted: str, accounts: str) -> bool:
    """Whether an account number stands there, in groups or in one: whole groups, as they follow each other."""
    groups = accounts.split()
    for at in range(len(groups)):
        joined = ""
        for group in groups[at:]:
            joined += group
            if joined == wanted:
                return True
            if not wanted.startswith(joined):
                break
    return False


def _numbers(text: str) -> Iterator[str]:
    """The numbers that stand alone, each as a plain decimal."""
    for part in re.split(r"\s+(?!\d{3}(?:\D|$))", text):
        plain = _MONEY.sub(lambda found: found[0] if found[0] in ".," else " ", part)
        whole = plain.strip(_EDGES + "-–/%")
        pieces = (
            [whole] if _NUMBER.fullmatch(whole) else [one.strip(_EDGES + "-–/%") for one in plain.split()]
        )
        yield from (_grouped_number(piece) for piece in pieces if _NUMBER.fullmatch(piece))


def _machine_number(text: str) -> str:
    """A number as a program writes it; otherwise as people do."""
    return _decimal(text) if re.fullmatch(r"[-+]?\d+(?:\.\d+)?", text) else _grouped_number(text)


def _grouped_number(text: str) -> str:
    """``1,200.50``, ``1.200,50`` and ``1 200.50`` as 1200.5; one sign before three last digits groups."""
    bare = re.sub(r"['’\u00a0\u202f ]", "", text)
    marks = [sign for sign in bare if sign in ".,"]
    if not marks:
        return _decimal(bare)
    last = marks[-1]
    groups = len(set(marks)) == 1 and (len(marks) > 1 or len(bare.rsplit(last, 1)[1]) == 3)
    if groups:
        return _decimal(bare.replace(last, ""))
    whole, _, part = bare.rpartition(last)
    return _decimal(f"{re.sub('[.,]', '', whole)}.{part}")


def _decimal(text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    whole, _, part = text.lstrip("+-").partition(".")
    part = part.rstrip("0")
    return sign + (whole.lstrip("0") or "0") + (f".{part}" if part else "")
