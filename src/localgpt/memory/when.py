"""The days that a question speaks of, in English and German: ``last March``, ``vor zwei Wochen``, ``8 May 2023``. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

_YEARS_BACK = 12

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner", "february feb februar", "march mar märz", "april apr", "may mai",
            "june jun juni", "july jul juli", "august aug", "september sep sept", "october oct oktober okt",
            "november nov", "december dec dezember dez",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday montag", "tuesday dienstag", "wednesday mittwoch", "thursday donnerstag", "friday freitag",
            "saturday samstag sonnabend", "sunday sonntag",
        )
    )
    for name in names.split()
}  # fmt: skip
_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "a an one einem einer ein", "two zwei", "three drei", "four vier", "five fünf", "six sechs", "seven sieben",
            "eight acht", "nine neun", "ten zehn", "eleven elf", "twelve zwölf", "thirteen dreizehn", "fourteen vierzehn",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
_NEAR = {"today": 0, "heute": 0, "yesterday": 1, "gestern": 1, "vorgestern": 2}
_UNITS = {
    "day": 1,
    "tag": 1,
    "week": 7,
    "woche": 7,
    "fortnight": 14,
    "month": 30,
    "monat": 30,
    "year": 365,
    "jahr": 365,
}

_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_UNIT = r"(day|week|fortnight|month|year|tag|woche|monat|jahr)(?:s|en|n|es|e)?"
_NUMBER = rf"(\d{{1,3}}|{'|'.join(_NUMBERS)})"
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)(?:-(\d\d))?(?!\d)")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d\d)?(?!\d)")
_NAMED = re.compile(
    rf"(?:(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?)?\b({_MONTH})\b\.?"
    r"(?:\s+(\d{1,2})(?:st|nd|rd|th)?\b(?!\d))?(?:,?\s+((?:19|20)\d\d))?"
)
_YEAR = re.compile(r"(?<![\d.-])((?:19|20)\d\d)(?![\d.-]*\d)")
_AGO = re.compile(rf"\b{_NUMBER}\s+{_UNIT}\s+ago\b|\bvor\s+{_NUMBER}\s+{_UNIT}\b")
_LAST = re.compile(
    rf"\b(?:last|past|this|letzte|vorige|vergangene|diese)[nrsm]?\s+(?:{_UNIT}|({'|'.join(_WEEKDAYS)}))\b"
)
_SEASONS = {"spring": 3, "frühling": 3, "frühjahr": 3, "summer": 6, "sommer": 6, "autumn": 9, "fall": 9, "herbst": 9,
            "winter": 12}  # fmt: skip
_BEFORE = r"\b(?:last|past|(?:letzte|vorige|vergangene)[nrsm]?)\s+"
_LATEST = re.compile(rf"{_BEFORE}({'|'.join([*_SEASONS, _MONTH])})\b(?!\.?\s*\d)")
_WHOLE = re.compile(rf"(?:{_BEFORE}|\b(this|diese[nrsm]?)\s+)(month|year|monat|jahr)\b")
_MODAL = re.compile(r"\b(?:in|of|last|since|until|early|late|mid|im|seit|letzten)\s+$")


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` to ``end``, both included, as ISO texts."""

    start: str
    end: str

    def __contains__(self, day: str) -> bool:
        return self.start <= day <= self.end


def periods(text: str, today: dt.date) -> tuple[Period, ...]:
    """The periods named in ``text``; a month without a year is that month of any of the last years."""
    asked = text[:2000].lower()
    latest = list(_latest(asked, today))
    rest = _WHOLE.sub(" ", _LATEST.sub(" ", asked))
    found = [*latest, *_numeric(rest, today), *_named(rest, today), *_relative(rest, today)]
    if not found:
        found = [Period(f"{match[1]}-01-01", f"{match[1]}-12-31") for match in _YEAR.finditer(asked)]
    return tuple(dict.fromkeys(found))


def _latest(asked: str, today: dt.date) -> Iterator[Period]:
    """``Last March`` is the latest one that is over, ``last summer`` too; ``last year`` the one before this."""
    for match in _LATEST.finditer(asked):
        season = _SEASONS.get(match[1])
        yield _over(season or _MONTHS[match[1]], 3 if season else 1, today)
    for match in _WHOLE.finditer(asked):
        back = 0 if match[1] else 1
        if match[2] in {"year", "jahr"}:
            yield Period(f"{today.year - back}-01-01", f"{today.year - back}-12-31")
        else:
            yield _months(today.year, today.month - back, 1)


def _over(month: int, count: int, today: dt.date) -> Period:
    """The latest ``count`` months from ``month`` on that ended before the month of ``today``."""
    year = today.year if month + count <= today.month else today.year - 1
    if month + count > 12 and month + count - 12 > today.month:
        year -= 1
    return _months(year, month, count)


def _months(year: int, month: int, count: int) -> Period:
    """Whole months; a month of 0 is December of the year before, one of 13 January of the next."""
    first, last = (divmod(year * 12 + one - 1, 12) for one in (month, month + count - 1))
    end = calendar.monthrange(last[0], last[1] + 1)[1]
    return Period(f"{first[0]}-{first[1] + 1:02}-01", f"{last[0]}-{last[1] + 1:02}-{end:02}")


def _numeric(asked: str, today: dt.date) -> Iterator[Period]:
    for match in _ISO.finditer(asked):
        yield from _dates(int(match[1]), int(match[2]), int(match[3] or 0), today)
    for match in _DOTTED.finditer(asked):
        yield from _dates(int(match[3] or 0), int(match[2]), int(match[1]), today)


def _named(asked: str, today: dt.date) -> Iterator[Period]:
    for match in _NAMED.finditer(asked):
        before, name, after, year = match.groups()
        alone = not (before or after or year)
        if (
            name in {"may", "march", "mar", "sep", "dec"}
            and alone
            and not _MODAL.search(asked[: match.start()])
        ):
            continue  # "may I", "we march"
        yield from _dates(int(year or 0), _MONTHS[name], int(before or after or 0), today)


def _dates(year: int, month: int, day: int, today: dt.date) -> Iterator[Period]:
    """A month or a day of one year, or (year 0) of each of the last years."""
    for one in (year,) if year else range(today.year - _YEARS_BACK, today.year + 2):
        if 1 <= month <= 12 and 0 <= day <= calendar.monthrange(one, month)[1]:
            last = day or calendar.monthrange(one, month)[1]
            yield Period(f"{one}-{month:02}-{day or 1:02}", f"{one}-{month:02}-{last:02}")


def _relative(asked: str, today: dt.date) -> Iterator[Period]:
    for word, back in _NEAR.items():
        if re.search(rf"\b{word}\b", asked):
            yield _around(today - dt.timedelta(back), 0)
    for match in _AGO.finditer(asked):
        number, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
        count = int(number) if number.isdigit() else _NUMBERS[number]
        length = _UNITS[unit]
        if count * length < 36_500:
            yield _around(today - dt.timedelta(count * length), length // 2)
    for match in _LAST.finditer(asked):
        if match[1]:
            yield Period((today - dt.timedelta(2 * _UNITS[match[1]])).isoformat(), today.isoformat())
        else:
            back = (today.weekday() - _WEEKDAYS[match[2]] - 1) % 7 + 1
            yield _around(today - dt.timedelta(back), 0)


def _around(day: dt.date, slack: int) -> Period:
    return Period((day - dt.timedelta(slack)).isoformat(), (day + dt.timedelta(slack)).isoformat())
