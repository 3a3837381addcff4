"""What the owner asks for: the kinds of effect in their own words, derived by rules and not by a model. Pure.

Quoted and pasted text asks for nothing, nor does a question about what was ("did I send …?"); what they say shall not be
done ("don't send it", "ohne zu senden") counts against it. English and German, the usual verbs of French and Spanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from localgpt.core.values import Effect, EffectKind
from localgpt.security.naming import command_stands_in, is_addressed, is_generic, stands_in
from localgpt.security.verbs import (
    ARTICLES,
    COMPOSING,
    DELETING,
    DRAFTS,
    EVENTS,
    HARMLESS_NEGATIONS,
    LOSING,
    MAILED,
    MONEY,
    NEGATIONS,
    NOUNS,
    PAYMENTS,
    PREVENTING,
    READING,
    VERBS,
)

LONGEST_CONTINUATION = 12
"""Words of a message that only goes on with the one before: "yes", "to Bob, please"."""

_MONEY = re.compile(MONEY, re.IGNORECASE)
_FORWARDED = re.compile(
    r"^[^\S\n]*(?:-{2,}+.{0,100}(?:message|nachricht|mail|forward|weitergeleitet).{0,100}-{2,}|begin forwarded message:?\s*|_{5,}"
    r"|(?:on|am)\s.{5,80}\s(?:wrote|schrieb)(?:\s.{1,60})?:\s*"
    r"|(?:from|von)\s*:\s.*(?:@.*|\n\s*(?:to|cc|subject|date|sent|an|betreff|datum|gesendet)\s*:.*))$",
    re.IGNORECASE | re.MULTILINE,
)
_BLANKS = re.compile(r"[^\S\n]{2,}")
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_FENCE = re.compile(r"(?:```|~~~).*?(?:```|~~~|\Z)", re.DOTALL)
_QUOTATION = re.compile(
    r"\"[^\"\n]*\"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|`[^`\n]*`|(?<!\w)'[^'\n]{2,}'(?!\w)|(?<!\w)‘[^’\n]{2,}’(?!\w)"
)
_SENTENCE = re.compile(r"(?<=[.!?;])(?<!\d\.)\s+|\n+|;\s*")
_CLAUSE = re.compile(
    r",\s+|\s+[-–—]\s+|:\s+|\s+(?=(?:and|then|but|or|that|because|since|dass|weil|denn|without|instead of|rather than|except"
    r"|und|dann|aber|oder|ohne|statt|anstatt|sondern|et|puis|mais|sans|y|luego|pero|sin)\s)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", re.UNICODE)
_ASKED = re.compile(
    r"^\W*(?:(?:and|und|so|also)\s+)?(?:did|do|does|have|has|had|is|are|was|were|am|should|shall|must|may|"
    r"(?:can|could|would|will)\s+(?!you\b)"
    r"|what|when|where|who|whom|whose|which|why|how|whether"
    r"|habe|hat|hast|haben|hatte|ist|sind|war|waren|wurde|wurden|soll|sollte|sollen|darf|muss|kann\s+ich|können\s+wir"
    r"|was|wann|wo|wer|wem|wen|wessen|wie|warum|wieso|weshalb|welche\w*|gibt|wohin|woher"
    r"|qu\w*|quand|où|comment|pourquoi|combien|est-ce|a-t-il|ai-je|qué|cuándo|dónde|quién|cómo|cuánto|por\s+qué|he|ha)\b",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(
    r"\b(?:did|do|does|have|has|had|should|habe|hat|hast|haben|hatte|soll|sollte|darf)\b", re.IGNORECASE
)
_CONFIRMED = re.compile(
    r"^\W*(?:yes|yeah|yep|ok|okay|sure|please do|do it|do that|go ahead|go on|continue|proceed|ja|jo|klar|gerne|bitte|mach das"
    r"|mach weiter|weiter|tu das|passt|genau|oui|vas-y|d'accord|sí|si|claro|adelante|vale)\b",
    re.IGNORECASE,
)
_SAYS = (
    r"\b(?:says|said|writes|wrote|claims|claimed|asks\s+me|asked\s+me|wants\s+(?:me|us|that)|demands|told\s+(?!you\b)"
    r"|sagt|sagte|gesagt|schreibt|schrieb|geschrieben|meint|meinte|behauptet|bittet|bat|gebeten|verlangt|fordert)\b"
)
_THOUGHT = re.compile(
    r"\b(?:(?:i|we|ich|wir)\s+(?:plan|intend|might|may|am\s+thinking|are\s+thinking|consider|überlegen?|planen?|habe\s+vor)"
    r"|(?:why|how|what|which|who|where|when|warum|wieso|weshalb|wie|was|wer|wo|wann)\s+(?:to|one|i|we|he|she|they|people"
    r"|somebody|someone|man|ich|wir|er|sie|jemand))\b[^,;]*?(?=\s(?:and|und|then|dann|but|aber)\s|[,;]|$)",
    re.IGNORECASE,
)
"""What is considered, or only to be explained."""
_NOT_YET = frozenset("yet now today immediately noch jetzt sofort gleich heute".split())
_REPORTED = re.compile(
    rf"{_SAYS}[^.,:;]{{0,20}}[:,]\s.*$"
    rf"|(?:{_SAYS}|\b(?:whether|ob|before|bevor|ehe)\b)[^,;]*?(?=\s(?:and|und|then|dann|but|aber)\s|[,;]|$)",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\b(?:until|till|bis|unless|once|sobald|when|wenn)\s+(?:i|ich)\s+(?:say|tell|confirm|agree|approve|have|am|sage|es\s+sage|zustimme|bestätige|habe|okay|ok)\b",
    re.IGNORECASE,
)
_EXPLAINED = re.compile(r"\b(?:how|wie|comment|cómo)\s+(?:to|do|can|man|kann)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a turn may be about. ``kinds`` are asked for by the owner or begun before anything foreign was read;
    ``loses`` and ``deletes``: it is asked that something be replaced, or gone. ``texts`` are those whose words count as
    the owner's: what they wrote themselves, and trusted results. ``done`` are the sensitive arguments of what was spent.
    """

    kinds: frozenset[EffectKind] = frozenset()
    loses: bool = False
    deletes: bool = False
    texts: tuple[str, ...] = ()
    done: frozenset[tuple[str, ...]] = frozenset()

    def unnamed(self, effect: Effect) -> str | None:
        """The first argument that decides what an effect does and stands in no trusted text; ``None`` if all do.

        The target is one where no other decides, and where it is itself somebody's address or account.
        """
        stands = command_stands_in if effect.kind is EffectKind.RUNS else stands_in
        values = [value for value in effect.sensitive if not is_generic(value)]
        if not values or is_addressed(effect.target):
            values.append(effect.target)
        if not any(value.strip() for value in values):
            return ""  # nothing says what it does
        return next(
            (value for value in values if not is_generic(value) and not stands(value, self.texts)), None
        )

    def begun(self, effects: Iterable[Effect], *, deletes: bool = False) -> Plan:
        """The plan of a turn that has made such a call before it read anything foreign."""
        made = [effect for effect in effects if effect.kind is not EffectKind.READS]
        return replace(
            self,
            kinds=self.kinds | {effect.kind for effect in made},
            loses=self.loses or any(effect.loses for effect in made),
            deletes=self.deletes or deletes,
        )

    def spent(self, effects: Iterable[Effect]) -> Plan:
        """The plan after a call was made: the same is not paid twice."""
        paid = {of_spending(effect) for effect in effects if effect.kind is EffectKind.SPENDS}
        return replace(self, done=self.done | paid)


NO_PLAN = Plan()


def of_spending(effect: Effect) -> tuple[str, ...]:
    """What tells one payment from another."""
    return effect.sensitive or (effect.target,)


def plan_of(words: Sequence[str], brought: Iterable[str] = ()) -> Plan:
    """The plan in the owner's messages, the oldest first; ``brought`` are trusted texts beside them.

    The last message counts, with those before it that it only goes on with.
    """
    texts = tuple(part for message in words for part in named_parts(message))
    wish = _Wish()
    for message in _counting(words):
        wish = wish.then(_wish(message))
    return Plan(frozenset(wish.kinds), wish.loses, wish.deletes, (*texts, *brought))


def named_parts(message: str) -> tuple[str, ...]:
    """What of a message is the owner's own and not excluded by them: nothing pasted, nothing in "not to Bob"."""
    return tuple(
        sentence_part
        for sentence in _SENTENCE.split(typed(message))
        for sentence_part in _kept_parts(sentence)
        if sentence_part.strip()
    )


def deletes(name: str) -> bool:
    """Whether a tool's name says that something will be gone."""
    return not DELETING.isdisjoint(
        re.split(r"[^a-zäöüß]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
    )


@dataclass(slots=True)
class _Wish:
    kinds: set[EffectKind] = field(default_factory=set)
    against: set[EffectKind] = field(default_factory=set)
    loses: bool = False
    deletes: bool = False

    def then(self, later: _Wish) -> _Wish:
        kinds = (self.kinds | later.kinds) - later.against
        losing, gone = self.loses or later.loses, self.deletes or later.deletes
        return _Wish(kinds, later.against, losing, gone)


def _counting(words: Sequence[str]) -> list[str]:
    """The last message, and those before it as long as each only goes on with the one before."""
    counting: list[str] = []
    for message in reversed(words):
        counting.insert(0, message)
        if not _goes_on(message):
            break
    return counting


def _goes_on(message: str) -> bool:
    own = _bare(message)
    said = {word.casefold() for word in _WORD.findall(own)}
    if len(own.split()) > LONGEST_CONTINUATION or not READING.isdisjoint(said):
        return False
    wish = _wish(message)
    return _CONFIRMED.match(own) is not None or not (wish.kinds or "?" in own or _ASKED.match(own))


def typed(message: str) -> str:
    """A message without what was pasted (quoted lines, and all below the head of a forwarded mail), blanks in ones."""
    text = message.replace("\r\n", "\n").replace("\r", "\n")
    found = _FORWARDED.search(text)
    return _BLANKS.sub(" ", _QUOTED_LINE.sub("", text[: found.start()] if found else text))


def is_pasted(message: str) -> bool:
    """Whether somebody else's words stand in a message: quoted lines, a forwarded mail."""
    return bool(_QUOTED_LINE.search(message) or _FORWARDED.search(message))


def _bare(message: str) -> str:
    """The same without quotations and code, which ask for nothing."""
    return _QUOTATION.sub(" … ", _FENCE.sub(" … ", typed(message)))


def _wish(message: str) -> _Wish:
    wish = _Wish()
    bare = _bare(message)
    for sentence in _SENTENCE.split(bare):
        _add_sentence(wish, sentence)
    wish.kinds -= wish.against
    return wish


def _add_sentence(wish: _Wish, sentence: str) -> None:
    if _LATER.search(sentence):
        return
    sentence = _THOUGHT.sub(" … ", _REPORTED.sub(" … ", sentence))
    clauses = [clause for clause in _CLAUSE.split(sentence) if clause.strip()]
    asked = bool(clauses) and _is_question(sentence)
    if asked and _AUXILIARY.search(clauses[0]):
        return
    paid = _MONEY.search(sentence) is not None
    for number, clause in enumerate(clauses):
        verbs = list(_verbs(clause, imperative=asked))
        if asked and number == 0:
            continue
        _add_clause(wish, clause, verbs, paid)


def _add_clause(wish: _Wish, clause: str, verbs: list[str], paid: bool) -> None:
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(clause)]
    kinds = _kinds(verbs)
    acting = [verb for verb in verbs if verb not in DELETING and verb not in PREVENTING]
    if acting and not PAYMENTS.isdisjoint(words):
        kinds.add(EffectKind.SPENDS)
    if not MAILED.isdisjoint(words) and DRAFTS.isdisjoint(words) and not COMPOSING.isdisjoint(verbs):
        kinds.add(EffectKind.SENDS)
    if verbs and not EVENTS.isdisjoint(words):
        kinds |= {EffectKind.WRITES, EffectKind.CHANGES, EffectKind.SENDS}
    if paid and _kinds(acting) & {EffectKind.SENDS, EffectKind.CHANGES}:
        kinds.add(EffectKind.SPENDS)
    if _negated(words):
        if not verbs and not _NOT_YET.isdisjoint(words):  # "send it, but not yet"
            wish.against |= wish.kinds
        if "@" not in clause:  # else it is about one recipient, who is not named then
            wish.against |= {kind for verb in _all_verbs(words) for kind in VERBS[verb]}
        return
    if _lets_know(words):
        kinds.add(EffectKind.SENDS)
    if not {"remind", "erinnere", "erinner"}.isdisjoint(words):
        kinds |= {EffectKind.WRITES, EffectKind.CHANGES}
    wish.kinds |= kinds
    wish.loses = wish.loses or not LOSING.isdisjoint(verbs)
    wish.deletes = wish.deletes or not DELETING.isdisjoint(verbs)


def _kinds(verbs: Iterable[str]) -> set[EffectKind]:
    return {kind for verb in verbs for kind in VERBS[verb]}


def _verbs(clause: str, *, imperative: bool) -> Iterator[str]:
    """The verbs of a clause; where only an ``imperative`` counts, the one that it begins with."""
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(clause)]
    if "du" in words:
        words = [word.removesuffix("st") if word.removesuffix("st") in VERBS else word for word in words]
    for place, word in enumerate(words):
        if imperative and place > 1:
            return
        if word not in VERBS:
            continue
        before = words[place - 1] if place else ""
        if word in NOUNS and (before in ARTICLES or before in READING or before.endswith("'s")):
            continue
        if word in {"answer", "beantworte"} and words[place + 1 : place + 2] in (["my"], ["meine"]):
            continue
        if word == "tell" and words[place + 1 : place + 2] in (["me"], ["us"]):
            continue
        if word in {"remind", "answer", "erinnere", "informiere"} and words[place + 1 : place + 2] in (
            ["me"],
            ["mich"],
        ):
            continue
        yield word


def _all_verbs(words: list[str]) -> Iterator[str]:
    """The verbs of a negated clause, also as ``sending``."""
    for word in words:
        stem = word.removesuffix("ing")
        for form in (word, stem, f"{stem}e", stem[:-1]):
            if form in VERBS:
                yield form
                break


def _is_question(sentence: str) -> bool:
    if _EXPLAINED.match(sentence.strip()):
        return True
    return _ASKED.match(sentence) is not None and not re.search(
        r"\b(?:please|bitte)\b", sentence, re.IGNORECASE
    )


def _negated(words: Sequence[str]) -> bool:
    found = [place for place, word in enumerate(words) if word in NEGATIONS]
    return bool(found) and HARMLESS_NEGATIONS.isdisjoint(words)


def _lets_know(words: Sequence[str]) -> bool:
    """Whether somebody shall be told: "let Bob know", "sag Anna Bescheid"."""
    if "know" in words and "let" in words:
        return words[words.index("let") + 1 : words.index("let") + 2] not in (["me"], ["us"])
    return "bescheid" in words and not {"mir", "uns"} & set(words)


def _kept_parts(sentence: str) -> Iterator[str]:
    """A sentence without the clauses that say what shall not be."""
    kept: list[str] = []
    at = 0
    for match in (*_CLAUSE.finditer(sentence), None):
        end = match.start() if match else len(sentence)
        clause = sentence[at:end]
        words = [word.casefold().replace("’", "'") for word in _WORD.findall(_QUOTATION.sub(" ", clause))]
        if not _negated(words):
            kept.append(sentence[at : match.end() if match else end])
        elif kept:
            yield "".join(kept)
            kept = []
        at = match.end() if match else end
    yield "".join(kept)
