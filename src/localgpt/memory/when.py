"""The days that a question speaks of, in five languages: ``last March``, ``vor zwei Wochen``, ``8 May 2023``. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from localgpt.core.words import language

_YEARS_BACK = 12

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier enero gennaio",
            "february feb februar février fevrier febrero febbraio",
            "march mar märz mars marzo",
            "april apr avril abril aprile",
            "may mai mayo maggio",
            "june jun juni juin junio giugno",
            "july jul juli juillet julio luglio",
            "august aug août aout agosto",
            "september sep sept septembre septiembre settembre",
            "october oct oktober okt octobre octubre ottobre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre decembre diciembre dicembre",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday montag lundi lunes lunedì",
            "tuesday dienstag mardi martes martedì",
            "wednesday mittwoch mercredi miércoles mercoledì",
            "thursday donnerstag jeudi jueves giovedì",
            "friday freitag vendredi viernes venerdì",
            "saturday samstag sonnabend samedi sábado sabato",
            "sunday sonntag dimanche domingo domenica",
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
_NEAR = {"today": 0, "heute": 0, "yesterday": 1, "gestern": 1, "vorgestern": 2, "ayer": 1, "anteayer": 2, "ieri": 1,
         "aujourd'hui": 0, "avant-hier": 2}  # fmt: skip
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

_ROMANCE_UNITS = {
    "jour": "day", "jours": "day", "día": "day", "días": "day", "giorno": "day", "giorni": "day",
    "semaine": "week", "semaines": "week", "semana": "week", "semanas": "week", "settimana": "week", "settimane": "week",
    "mois": "month", "mes": "month", "meses": "month", "mese": "month", "mesi": "month",
    "an": "year", "ans": "year", "année": "year", "año": "year", "años": "year", "anno": "year", "anni": "year",
}  # fmt: skip
_ROMANCE_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "un une uno una", "deux dos due", "trois tres tre", "quatre cuatro quattro", "cinq cinco cinque",
            "six seis sei", "sept siete sette", "huit ocho otto", "neuf nueve nove", "dix diez dieci",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
_PARTS = {
    "early": (1, 12), "anfang": (1, 12), "début": (1, 12), "principios de": (1, 12), "inizio": (1, 12),
    "mid": (9, 21), "mitte": (9, 21), "mi": (9, 21), "mediados de": (9, 21), "metà": (9, 21),
    "late": (19, 31), "the end of": (19, 31), "end of": (19, 31), "ende": (19, 31), "fin": (19, 31), "finales de": (19, 31),
    "fine": (19, 31),
}  # fmt: skip

_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_UNIT = r"(day|week|fortnight|month|year|tag|woche|monat|jahr)(?:s|en|n|es|e)?"
_NUMBER = rf"(\d{{1,3}}|{'|'.join(_NUMBERS)})"
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)(?:-(\d\d))?(?!\d)")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d\d)?(?!\d)")
_NAMED = re.compile(
    rf"(?:(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:(?:of|de)\s+)?)?\b({_MONTH})\b\.?"
    r"(?:\s+(\d{1,2})(?:st|nd|rd|th)?\b(?!\d))?(?:,?\s+(?:del?\s+)?((?:19|20)\d\d))?"
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
_BEFORE_LAST = re.compile(
    r"\bvorletzte[nrsm]?\s+(woche|monat|jahr)\b|\bthe\s+(week|month|year)\s+before\s+last\b"
)
_PART = re.compile(rf"\b({'|'.join(_PARTS)})[\s-]+({_MONTH})\b(?:\s+(?:de\s+)?((?:19|20)\d\d))?(?!\.?\s*\d)")
_ROMANCE = "|".join(sorted(_ROMANCE_UNITS, key=len, reverse=True))
_ROMANCE_LAST = re.compile(
    rf"\b({_ROMANCE}|{'|'.join(_WEEKDAYS)}|{_MONTH})\s+(?:derni(?:er|ère)|passée?|pasad[oa]|scors[oa]|passat[oa])(?!\w)"
)
_ROMANCE_NUMBER = rf"(\d{{1,3}}|{'|'.join(_ROMANCE_NUMBERS)})"
_ROMANCE_AGO = re.compile(
    rf"\b(?:il y a|hace)\s+{_ROMANCE_NUMBER}\s+({_ROMANCE})\b|\b{_ROMANCE_NUMBER}\s+({_ROMANCE})\s+fa\b"
)
_MODAL = re.compile(r"\b(?:in|of|last|since|until|early|late|mid|im|seit|letzten|en|depuis)\s+$")


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` to ``end``, both included, as ISO texts."""

    start: str
    end: str

    def __contains__(self, day: str) -> bool:
        return self.start <= day <= self.end


def periods(text: str, today: dt.date) -> tuple[Period, ...]:
    """The periods named in ``text``; a month without a year is that month of any of the last years."""
    asked = _in_english(text[:2000].lower())
    latest = [*_latest(asked, today), *_before_last(asked, today), *_in_part(asked, today)]
    rest = asked
    for pattern in (_LATEST, _WHOLE, _BEFORE_LAST, _PART):
        rest = pattern.sub(" ", rest)
    found = [*latest, *_numeric(rest, today), *_named(rest, today), *_relative(rest, today)]
    if not found:
        found = [Period(f"{match[1]}-01-01", f"{match[1]}-12-31") for match in _YEAR.finditer(asked)]
    return tuple(dict.fromkeys(found))


def _in_english(asked: str) -> str:
    """``La semaine dernière``, ``hace dos semanas`` and ``due mesi fa`` as ``last week``, ``2 week ago``, ``2 month ago``."""
    asked = _ROMANCE_LAST.sub(lambda match: f"last {_ROMANCE_UNITS.get(match[1], match[1])}", asked)
    if re.search(r"\bhier\b", asked) and language(asked) == "fr":  # "here" in German
        asked = re.sub(r"(?<!-)\bhier\b", "yesterday", asked)
    return _ROMANCE_AGO.sub(_ago, asked)


def _ago(match: re.Match[str]) -> str:
    number, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
    return f"{_ROMANCE_NUMBERS.get(number, number)} {_ROMANCE_UNITS[unit]} ago"


def _before_last(asked: str, today: dt.date) -> Iterator[Period]:
    for match in _BEFORE_LAST.finditer(asked):
        unit = match[1] or match[2]
        if unit in {"week", "woche"}:
            monday = today - dt.timedelta(today.weekday() + 14)
            yield Period(monday.isoformat(), (monday + dt.timedelta(6)).isoformat())
        elif unit in {"month", "monat"}:
            yield _months(today.year, today.month - 2, 1)
        else:
            yield Period(f"{today.year - 2}-01-01", f"{today.year - 2}-12-31")


def _in_part(asked: str, today: dt.date) -> Iterator[Period]:
    """``Early May``, ``Ende März 2024``: a third of the month and a little more."""
    for match in _PART.finditer(asked):
        first, last = _PARTS[match[1]]
        for whole in _dates(int(match[3] or 0), _MONTHS[match[2]], 0, today):
            month = whole.start[:8]
            yield Period(f"{month}{first:02}", min(f"{month}{last:02}", whole.end))


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
            name in {"may", "march", "mar", "mars", "sep", "dec"}
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
