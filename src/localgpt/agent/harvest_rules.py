"""What is worth keeping of what the owner said, by rule: facts, preferences, decisions, open tasks, standing wishes.

Pure, for English and German. Rules see only the owner's own sentences (``own_words``), and in doubt they take
nothing: a wrong note is worse than one that has to be looked up in the conversation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from localgpt.agent.own_words import own_sentences
from localgpt.core.redact import redact
from localgpt.core.words import content_stems


class Kind(StrEnum):
    """What kind of thing a sentence is."""

    FACT = "fact"
    PREFERENCE = "preference"
    DECISION = "decision"
    TASK = "task"
    WISH = "wish"


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence worth keeping, its kind, and the line of the conversation's file where its owner said it.

    ``literal`` tells whether these are the owner's very words.
    """

    kind: Kind
    text: str
    line: int = 0
    literal: bool = True


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_LEAD = r"^\W*(?:(?:please|bitte|and|und|also|ok(?:ay)?|hey|oh|btw|by the way|übrigens|nebenbei|well|so|yes|ja|no|nein)\b[\s,]*)*"
_REMEMBER = re.compile(
    _LEAD
    + r"(?:remember|note|keep in mind|don['’]?t forget|merk(?:e)? dir|notiere?|denk(?:e)? daran|vergiss nicht)\b"
    r"(?:\s+bitte)?\s*[:,]?\s*(?:that|dass|daß)?\s+",
    re.IGNORECASE,
)
_IMPERATIVE_DE = (
    r"antworte|schreibe?|sprich|rede|benutze?|verwende|nutze?|nenne?|frage?|sage?|erinnere?|zeige?|gib|mache?|lies|lösche|"
    r"ändere|speicher[en]?|fasse?|erkläre?|übersetze?|rechne|bleibe?|halte?|vermeide|prüfe?|suche?|nimm|lasse?|schicke?|"
    r"sende|formuliere|kürze|schlage?|duze?|sieze|merke?|achte|hör|beginne|ende|füge?|begrüße|korrigiere|wiederhole"
)
_PAST_OR_IDLE = (
    r"(?:mind|again|been|had|heard|seen|thought|knew|ever|more|nice|good|fun|happy|was|were|did|got|liked|loved|went|saw|"
    r"a|an|the|my|this|that|it|so|easy|hard|trust a|say never|\w+ed|\w+ing)\b"
)
_WISH = _any(
    _LEAD + rf"(?:always|never|don['’]?t ever|do not ever)\s+(?!{_PAST_OR_IDLE})\w+",
    _LEAD + r"(?:from now on|from today on|going forward|in (?:the )?future),?\s+(?!i\b|we\b|he\b|she\b|they\b|it\b)\w+",
    _LEAD + r"(?:answer|reply|write|speak|talk|use|call|keep|give|show|send|ask)\b.*\b(?:always|from now on)\b",
    _LEAD + r"(?:call me|address me as)\s+(?!back\b|when\b|if\b|at\b|later\b|tomorrow\b|crazy\b|a\b|an\b)\w+",
    r"\byou (?:should|must|may|shall|have to) (?:always|never)\b",
    r"\bi (?:want|would like|['’]d like|need) you to (?:always|never)\b",
    _LEAD + r"stop (?:using|calling|writing|adding|asking|saying)\b",
    _LEAD + r"(?:immer|nie|niemals)\s+(?!wieder\b|mehr$|im leben|gedacht|gesehen|gehört|ich\b|er\b|sie\b|war\b|noch\b|so\b)\w+",
    _LEAD + rf"(?:{_IMPERATIVE_DE})\s+(?:(?:mir|mich|uns|das|dies|sie|es|alles|dich)\s+)*(?:bitte\s+)?(?:immer|nie|niemals|künftig|ab jetzt|ab sofort|in zukunft)\b",
    _LEAD + r"(?:ab (?:jetzt|sofort|heute)|von (?:jetzt|nun|heute) an|künftig|in zukunft),?\s+(?!(?:bin|habe|werde|gehe|fahre|arbeite|will|gibt|ist|sind|haben)\b)\w+",
    _LEAD + r"nenn(?:e)? mich\s+(?!nicht\b)\w+",
    r"\bdu (?:sollst|solltest|darfst|musst) (?:bitte )?(?:immer|nie|niemals)\b",
    r"\bich (?:will|möchte), dass du (?:immer|nie|niemals)\b",
    _LEAD + r"(?:duze|sieze) mich\b",
)  # fmt: skip
_TASK = _any(
    _LEAD
    + r"(?:i|we) (?:still )?(?:need to|have to|ought to|must|should|['’]ve got to)\s+(?!say\b|know\b|admit\b|ask\b|mention\b|understand\b"
    r"|be honest|see\b|think\b|have\b|not\b|probably\b)\w+",
    _LEAD + r"(?:don['’]?t|do not) (?:let me )?forget (?:to\s+)?\w+",
    _LEAD + r"remind me\b",
    _LEAD + r"(?:to[- ]?do|task|action item|aufgabe|zu erledigen|zu tun)\s*:\s*\w+",
    _LEAD + r"(?:ich|wir) (?:muss|müssen|sollten?|darf nicht vergessen|dürfen nicht vergessen)\b"
    r"(?!\s+(?:sagen|zugeben|gestehen|wissen|fragen|ehrlich|nicht\b|gar))",
    _LEAD + r"erinner(?:e)? (?:mich|uns)\b",
    r"\bmuss (?:ich|noch|man)\b.*\b(?:erledigt|gemacht|bezahlt|gekauft|abgegeben|erledigen|machen|kaufen|zahlen|anrufen|abgeben)\b",
)  # fmt: skip
_DECISION = _any(
    r"\b(?:i|we)(?:['’]ve| have)?(?: finally| now)? (?:decided|agreed|settled on|chose|picked|opted)\b",
    r"\b(?:i|we)(?:['’]ll| will|['’]re going to| are going to|['’]m going to| am going to) (?:go with|use|take|switch to|stick with|cancel|buy)\b",
    r"\b(?:i|we)(?:['’]re| are|['’]m| am) going with\b",
    _LEAD + r"let['’]?s (?:go with|stick with|settle on|switch to)\b",
    _LEAD + r"(?:decision|decided|entscheidung|entschieden|beschlossen)\s*:\s*\w+",
    r"\b(?:ich|wir)\b.*\b(?:entschieden|beschlossen|geeinigt|ausgewählt|festgelegt)\b",
    r"\b(?:habe|haben) (?:ich|wir) (?:mich |uns )?.*\b(?:entschieden|beschlossen|geeinigt|festgelegt)\b",
    _LEAD + r"wir (?:nehmen|machen das|machen es|bleiben bei|wechseln zu|gehen mit)\b",
    _LEAD + r"es bleibt (?:bei|dabei)\b",
)  # fmt: skip
_ABOUT_ANSWER = (
    r"(?!it\b|that\b|this\b|your\b|you\b|how you|the (?:first|second|third|last|other|idea|answer|text|version|one)\b|to (?:know|see|ask|try|"
    r"have|hear|understand)\b)"
)
_PREFERENCE = _any(
    _LEAD
    + r"i (?:really |also |still |usually |mostly |generally |absolutely |just )*(?:like|love|prefer|hate|dislike|enjoy|can['’]?t stand"
    rf"|don['’]?t (?:like|eat|drink|want)|do not (?:like|eat|drink)|['’]d rather|would rather|avoid)\s+{_ABOUT_ANSWER}\w+",
    r"\bmy favou?rite\b.*\b(?:is|are)\b",
    _LEAD
    + r"i (?:never|always|usually|only) (?:eat|drink|take|wear|use|buy|sleep|work|read|get up|go|travel|fly|cook|pay|wake)\b",
    _LEAD
    + r"ich (?:mag|liebe|hasse|bevorzuge|vertrage|meide|trinke|esse)\s+(?!es\b|das\b|dich\b|deine?\b|diese?\b)\w+",
    r"\bich\b.*\b(?:am liebsten|lieber)\b",
    r"\b(?:mein|meine)\s+lieblings\w+",
    r"\bziehe ich\b.*\bvor\b|\bich ziehe\b.*\bvor\b",
)  # fmt: skip
_PASSING = (
    r"(?!(?:question|point|problem|guess|bad|idea|code|script|test|tests|build|query|opinion|understanding|issue|prompt|message|"
    r"text|answer|mistake|apologies|thought|thanks|turn|impression|frage|problem|idee|fehler|meinung|eindruck|code|skript|test|"
    r"text|vorschlag|gott|güte)\b)"
)
_RELATION = (
    r"(?:is|are|was|will be|has|have|lives?|works?|moved|starts?|ends?|opens?|expires?|costs?|turns?|got|speaks?|plays?|drives?|"
    r"died|married|goes|needs|likes|loves|hates|called|named|born|takes?|retired|studies|arrives?|leaves?|['’]s)\b"
)
_RELATION_DE = (
    r"(?:ist|sind|war|hat|haben|heißt|heißen|wohnt|wohnen|arbeitet|arbeiten|kostet|wird|beginnt|öffnet|läuft|zieht|kommt|"
    r"fährt|spielt|studiert|lebt|leben|mag|isst|trinkt|fängt|endet|steht|liegt|geht|braucht|lautet|verträgt)\b"
)
_I_AM = (
    r"(?:allergic|vegetarian|vegan|pescatarian|born|married|divorced|engaged|retired|pregnant|diabetic|left-handed|colou?r-?blind|"
    r"originally from|from [A-Z]|a[n]? (?!bit\b|little\b|fan\b|idiot\b)\w+|\d{1,3}\b|working (?:as|at|for|on)|moving|flying to|learning|"
    r"studying|on (?:holiday|vacation)|vegetarier|veganer|allergisch|geboren|verheiratet|geschieden|verlobt|schwanger|diabetiker|"
    r"linkshänder|rentner|aus [A-Z]|von beruf|lehrer|arzt|ärzt|ingenieur|student|selbst(?:st)?ändig|gerade nach|nach \w+ (?:ge|um)zogen)"
)
_I_DO = (
    r"(?:live|work|moved|study|own|drive|speak|play|sold|quit|married|grew up|was born|started (?:at|as|to learn|learning)|"
    r"bought|weigh|wear|take \d|take \w+ (?:for|against)|commute|retire|graduated|broke|had (?:a|an) (?:operation|surgery|accident|baby)|"
    r"have (?:a|an|two|three|four|five|six|\d+|no) (?!question|problem|idea|feeling|doubt|look|guess|request|favor|favour|hard|bug|error|issue|clue|minute|file|text|list|few|lot|bit)\w+)"
)
_ICH = (
    r"(?:wohne|lebe|arbeite|heiße|studiere|besitze|fahre (?:ein|jeden|mit|nach)|spreche|spiele|komme aus|nehme (?:jeden|täglich|\d)|"
    r"wiege|trage|pendle|lerne|bin am|bin im|habe (?:(?:eine?n?|zwei|drei|vier|fünf|\d+|keine?n?) (?!frage|problem|idee|gefühl|"
    r"ahnung|bitte|fehler|text|zeit|lust|moment|blick|liste)\w+|am \d))"
)
_WHEN = (
    r"(?:\b\d{1,2}[:.]\d{2}\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}(?:st|nd|rd|th|\.)?\s*(?:of\s+)?(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|"
    r"nov|dec|dez)\w*|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w* \d{1,2}\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|"
    r"\b(?:mon|diens|donners|frei|sams|sonn)tags?\b|\bmittwochs?\b|\b\d{1,2}\.\d{1,2}\.|\b\d{1,2} ?(?:am|pm|uhr)\b)"
)
_FACT = _any(
    _LEAD + rf"(?:my|our)\s+{_PASSING}(?:[\w'’.-]+\s+){{1,5}}?{_RELATION}",
    _LEAD + rf"(?:my|our)\s+{_PASSING}[\w-]+['’]s\s+(?:\w+\s+){{1,3}}(?:is|are|was)\b",
    _LEAD + rf"(?:mein|unser)(?:e|er|em|en|es)?\s+{_PASSING}(?:[\w.-]+\s+){{1,5}}?{_RELATION_DE}",
    _LEAD + rf"i(?:['’]m| am)\s+{_I_AM}",
    _LEAD + rf"ich bin\s+(?:\w+\s+)?{_I_AM}",
    _LEAD + rf"(?:i|we) (?:also |just |now |currently |recently )*{_I_DO}\b",
    _LEAD + rf"ich (?:auch |jetzt |seit \w+ )?{_ICH}\b",
    _LEAD + r"wir (?:haben (?:eine?n?|zwei|drei|vier|\d+|keine?n?) (?!frage|problem|idee|zeit)|wohnen|leben|ziehen)\b\w*",
    r"\bmy name is\b|\bmein name ist\b|\bich heiße\b",
    _LEAD + rf"(?:the|der|die|das|there is|es gibt)\s.*(?:\b(?:is|are|starts?|takes place|begins|ends|expires|arrives|ist|sind|findet|beginnt|startet|endet|läuft)\b).*{_WHEN}",
    _LEAD + r"(?:the|der|die|das)\s+(?:[\w-]+\s+){0,3}[\w-]*(?:code|number|address|birthday|size|nummer|adresse|geburtstag|größe|kontonummer)\b.*\b(?:is|ist|lautet)\b.*\d",
)  # fmt: skip
_NOW_ONLY = re.compile(
    r"\b(?:tired|sorry|hungry|bored|confused|stuck|curious|wondering|just kidding|müde|hungrig|verwirrt|gespannt|neugierig"
    r"|passwor[dt]|passwort|api[ -]key|token|secret|kennwort|passphrase|pin|not sure|nicht sicher|i think that'?s|above|below|oben|unten)\b",
    re.IGNORECASE,
)

_RULES = (
    (Kind.WISH, _WISH),
    (Kind.DECISION, _DECISION),
    (Kind.TASK, _TASK),
    (Kind.PREFERENCE, _PREFERENCE),
    (Kind.FACT, _FACT),
)
LEAST_SHARED = 0.75
"""A sentence that shares this part of its content words with one that is known says nothing new."""


def keep(message: str, line: int = 0) -> list[Kept]:
    """What of one message of the owner's is worth keeping."""
    return [
        Kept(kind, _REMEMBER.sub("", sentence).strip() or sentence, line)
        for sentence in own_sentences(message)
        if (kind := classify(sentence)) is not None
    ]


def classify(sentence: str) -> Kind | None:
    """What kind of thing a sentence of the owner's is; ``None`` for what is not worth keeping (or is a secret)."""
    if _NOW_ONLY.search(sentence) or redact(sentence) != sentence:
        return None
    if match := _REMEMBER.match(sentence):
        rest = sentence[match.end() :]
        return classify(rest) or (Kind.FACT if len(rest.split()) > 2 else None)
    return next((kind for kind, pattern in _RULES if pattern.search(sentence)), None)


_LABEL = re.compile(
    r"^\W*(?:to[- ]?do|task|decision|decided|entscheidung|aufgabe|zu tun)\s*:\s*", re.IGNORECASE
)


def new_ones(found: Iterable[Kept], known: Iterable[str]) -> list[Kept]:
    """What ``known`` texts do not say already, each once."""
    held = [_said(text) for text in known]
    new = []
    for kept in found:
        stems = _said(kept.text)
        if not any(_covers(other, stems) for other in held):
            new.append(kept)
            held.append(stems)
    return new


def _said(text: str) -> frozenset[str]:
    """The stems of a text without what it is called: "Todo: order the hinges" says no more than "order the hinges"."""
    return frozenset(content_stems(_LABEL.sub("", text)))


def _covers(known: frozenset[str], stems: frozenset[str]) -> bool:
    """Whether nearly all is said already; every number has to be, for a new time or price is news."""
    if any(stem not in known for stem in stems if any(letter.isdigit() for letter in stem)):
        return False
    return bool(stems) and len(stems & known) >= LEAST_SHARED * len(stems)
