"""What a text says in words: tokens, language, stems, sentences. Pure, and quick enough for every word of a workspace.

The index stores stems by the language of each passage and a question asks for the stems of all the languages in it,
so nothing here needs to be right about a language, only the same on both sides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from localgpt.core.vocabulary import (
    IRREGULAR,
    OPENINGS,
    QUESTION_VERBS,
    QUESTION_WORDS,
    RECEIVERS,
    REQUESTS,
    SNOWBALL,
    STOP_WORDS,
    SUBJECTS,
    WONDERING,
)

if TYPE_CHECKING:
    from py_rust_stemmers import SnowballStemmer

LANGUAGES = tuple(SNOWBALL)
"""Languages that have stems and stop words here."""

_WIDE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_WIDE}]+|[^\W_{_WIDE}]+(?:['’][^\W_{_WIDE}]+)*")
_PLAIN_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_WIDE_RUN = re.compile(rf"[{_WIDE}]")
_ELIDED = frozenset("l d j m t s n c qu dell all nell sull dall quell un".split())
_UMLAUT = re.compile(r"(?<![aeiouqäöü])ue|(?<![aeiou])(?:ae|oe)")
_SPELLED = {"ae": "ä", "oe": "ö", "ue": "ü"}
_HAS_UMLAUT = re.compile("[äöü]")
_FULL_WIDTH = re.compile("[\uff01-\uffee]+")
_PLAIN = str.maketrans("łđøı", "ldoi")
_SAMPLE = 160
_REMEMBERED = 1 << 16


def tokens(text: str) -> list[str]:
    """The words of ``text`` in order: case-folded, NFC, numbers kept; Chinese, Japanese, Korean and Thai as bigrams."""
    if text.isascii():
        plain = _PLAIN_WORD.findall(text.lower())
        return [_joined(word) if "'" in word else word for word in plain] if "'" in text else plain
    words: list[str] = []
    text = _FULL_WIDTH.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    folded = unicodedata.normalize("NFC", text).casefold().replace("i\u0307", "i")  # what İ becomes
    for word in _WORD.findall(folded):
        if _WIDE_RUN.match(word):
            words.extend(_bigrams(word))
        else:
            words.append(_joined(word))
    return words


def _bigrams(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def wide_letters(text: str) -> list[str]:
    """The Chinese, Japanese, Korean and Thai letters of ``text``, each once: ``tokens`` has only pairs of them."""
    return [] if text.isascii() else list(dict.fromkeys(_WIDE_RUN.findall(text)))


def _joined(word: str) -> str:
    """``anna's`` is anna, ``don't`` is dont, ``l'eau`` is eau."""
    if "'" not in word and "’" not in word:
        return word
    parts = word.replace("’", "'").split("'")
    if parts[-1] == "s":
        parts.pop()
    if len(parts) > 1 and parts[0] in _ELIDED and len(parts[1]) > 1:
        parts = parts[1:]
    return "".join(parts)


def language(text: str) -> str:
    """The language that the small words of ``text`` vote for (``en``, ``de`` …), or ``""`` when they don't tell."""
    return language_of(tokens(text[: _SAMPLE * 12]))


def language_of(words: list[str]) -> str:
    """The same for words that are tokens already; the first hundred or so decide."""
    sample = words[:_SAMPLE]
    votes = {code: sum(map(stops.__contains__, sample)) for code, stops in STOP_WORDS.items()}
    if _HAS_UMLAUT.search(" ".join(sample)):
        votes["de"] += 1
    best = max(votes, key=votes.__getitem__)
    runner_up = max(count for code, count in votes.items() if code != best)
    return best if votes[best] > runner_up and votes[best] * 12 >= len(sample) else ""


def stem(word: str, language: str) -> str:
    """The stem of a token, without accents; ``ue`` and ``ü`` are one. An unknown language is treated as English."""
    return _table(language)[word]


def stems(words: Iterable[str], language: str) -> list[str]:
    """The stem of each token; a table makes that as quick as words are many."""
    return list(map(_table(language).__getitem__, words))


class _Stems(dict[str, str]):
    """The stems of a language that were asked for lately."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __missing__(self, word: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        found = self[word] = _stem(word, self._language)
        return found


@cache
def _table(language: str) -> _Stems:
    return _Stems(language)


def _stem(word: str, language: str) -> str:
    if not word.isalpha() or _WIDE_RUN.match(word):
        return word
    if language == "de":
        word = _UMLAUT.sub(lambda match: _SPELLED[match.group()], word)
    elif language in {"en", ""}:
        word = IRREGULAR.get(word, word)
    found = _stemmer(SNOWBALL.get(language, "english")).stem_word(word)
    return found if found.isascii() else _without_accents(found)


def _without_accents(word: str) -> str:
    parts = unicodedata.normalize("NFD", word.translate(_PLAIN))
    return "".join(part for part in parts if not unicodedata.combining(part))


@cache
def _stemmer(name: str) -> SnowballStemmer:
    from py_rust_stemmers import SnowballStemmer

    return SnowballStemmer(name)


def is_stop(word: str, language: str) -> bool:
    """Whether a token carries no topic in ``language`` (``""``: in English or German)."""
    if not language:
        return word in STOP_WORDS["en"] or word in STOP_WORDS["de"]
    return word in STOP_WORDS.get(language, ())


def content_words(text: str) -> list[str]:
    """The tokens that carry the topic, each once, in order; all tokens when nothing else is left."""
    words = list(dict.fromkeys(tokens(text)))
    spoken = language_of(words)
    return [word for word in words if not is_stop(word, spoken)] or words


def content_stems(text: str) -> list[str]:
    """The stems of the words that carry the topic, each once; in English and German where the language is unsure."""
    spoken = language(text)
    asked = (spoken,) if spoken else ("en", "de")
    return list(dict.fromkeys(stem(word, code) for word in content_words(text) for code in asked))


_BREAK = re.compile(r"(?<=[.!?…。！？])[\"'”’»)\]*_]*(?:\s+|$)|(?<=[。！？])")
_NEW_LINE = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*+#>|]|\d+[.)]\s|[^\s:]{1,30}:\s))")
_ABBREVIATION = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|prof|st|nr|no|vs|etc|ca|bzw|usw|evtl|inkl|tel|e\.g|i\.e|z\. ?b|d\. ?h|u\. ?a)|\b\w|\b\d{1,2})\.$",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """The sentences of ``text``; lists, headings and lines of dialogue end one too. Nothing but blanks is lost."""
    found: list[str] = []
    for block in _NEW_LINE.split(text):
        begin = 0
        for match in _BREAK.finditer(block):
            if not _ABBREVIATION.search(block[max(begin, match.start() - 12) : match.start()]):
                found.append(block[begin : match.end()])
                begin = match.end()
        found.append(block[begin:])
    return [sentence.strip() for sentence in found if sentence.strip()]


def is_question(text: str) -> bool:
    """Whether ``text`` only asks: each of its sentences ends with ``?`` or is built as a question (English, German)."""
    asked = sentences(text[:2000])
    return bool(asked) and all(_asks(sentence) for sentence in asked)


def _asks(sentence: str) -> bool:
    ending = sentence.rstrip(" \"'”’»)*_")
    if ending.endswith(("?", "？")):
        return True
    words = tokens(sentence[:200])
    while words and words[0] in OPENINGS:
        words.pop(0)
    if _requests(words) or _wonders(words):
        return True
    if len(words) < 2 or ending.endswith((".", "!", ":")):
        return False
    if words[0] in QUESTION_WORDS:
        return words[1] not in SUBJECTS
    return words[0] in QUESTION_VERBS and words[1] in SUBJECTS


def _requests(words: list[str]) -> bool:
    """``Tell me when …``, ``find what …``; but ``remind me to …`` tells what is to be done."""
    if not words or words[0] not in REQUESTS:
        return False
    told = (
        words[1:2] and words[1] in RECEIVERS and not words[0].startswith(("remind", "erinner", "give", "gib"))
    )
    return bool(told) or not QUESTION_WORDS.isdisjoint(words[1:4])


def _wonders(words: list[str]) -> bool:
    """``I forgot when …``, ``ich weiß nicht mehr, wo …``."""
    said = " ".join(words[:6])
    for opening in WONDERING:
        if said.startswith(f"{opening} "):
            return said[len(opening) + 1 :].split(" ", 1)[0] in QUESTION_WORDS
    return False
