"""Sentences in foreign text that speak to the assistant: a hint for the owner and the model, never the defence. Pure.

Whoever writes such a text writes around these patterns; ``policy`` does not look at them.
"""

from __future__ import annotations

import re
from itertools import islice

LONGEST = 160
"""Characters of a sentence that are shown."""
_MOST_SCANNED = 500_000

_EARLIER = r"(?:previous|prior|above|earlier|preceding|former|other|system|your)"
_ORDERS = r"(?:instructions?|prompts?|directions?|guidelines?|rules|commands?|orders|context)"
_VORHER = r"(?:bisherigen?|vorherigen?|vorigen?|obigen?|früheren?|anderen?|deine[nr]?)"
_WEISUNGEN = r"(?:anweisung(?:en)?|instruktion(?:en)?|befehle?|regeln|vorgaben|prompts?)"
_WHOM = r"(?:assistant|ai|a\.i\.|agent|chatbot|llm|language model|gpt|claude|chatgpt|localgpt|gemini|copilot)"

_SIGNS = re.compile(
    rf"\b(?:ignore|disregard|forget|override|bypass|discard|skip)\b.{{0,30}}\b{_EARLIER}\b.{{0,20}}\b{_ORDERS}\b"
    rf"|\b(?:ignorier|vergiss|missacht|übergeh|verwirf|überschreib)\w*.{{0,30}}\b{_VORHER}\b.{{0,20}}\b{_WEISUNGEN}\b"
    rf"|\b(?:new|updated|important|urgent|secret|hidden|real|actual)\s+(?:system\s+)?(?:instructions?|prompts?|task)\s*(?:for|to)?\s*(?:the\s+|you\b|any\s+)?(?:{_WHOM})?\s*:"
    rf"|\b(?:neue|geänderte|wichtige|geheime|eigentliche)\s+(?:system)?{_WEISUNGEN}\s*(?:für|an)?\s*(?:den|die|dich)?\s*\w{{0,20}}\s*:"
    rf"|(?:^[ \t]*to|\b(?:dear|attention|note to|message (?:for|to)|instructions? (?:for|to))) (?:the |any |all |whichever )?(?:{_WHOM})s?\b.{{0,40}}[:,]"
    rf"|\b(?:liebe[rs]?|achtung,?|hinweis an|nachricht an|anweisung(?:en)? (?:an|für)) (?:den |die |das |alle )?(?:assistent\w*|ki|{_WHOM})\b"
    rf"|\bif you(?:['’]re| are) an? (?:\w+ )?(?:{_WHOM})\b"
    rf"|\bwenn du ein(?:e)? (?:\w+ )?(?:assistent\w*|ki|sprachmodell|{_WHOM})\b"
    r"|\byou are (?:now|no longer) (?:an?|the|in|bound|DAN)\b|\bdu bist (?:jetzt|nun|nicht mehr) (?:ein|der|die|an)\b"
    r"|\b(?:reveal|print|repeat|output|show|leak|send)\b.{0,25}\b(?:your|the) (?:system prompt|initial prompt|hidden instructions|instructions above)\b"
    r"|\b(?:do not|don['’]t|never|without) (?:tell|inform|mention|notify|alert|telling|informing|notifying|asking)\b.{0,25}\b(?:the |your )?(?:user|owner|human)\b"
    r"|\b(?:sag|erzähl|erwähn|verrat|verschweig|informier)\w*\b.{0,25}\b(?:dem|der|den) (?:nutzer|benutzer|anwender|besitzer)\w*\b.{0,12}\b(?:nicht|nichts)\b"
    r"|\b(?:jailbreak|developer mode|god mode|dan mode)\b.{0,20}\b(?:enabled|activated|on|now)\b"
    r"|<\s*/?\s*(?:system|important|instructions?|admin|assistant)\s*>"
    r"|^\s*#{0,4}\s*(?:system|assistant)\s*(?:prompt|message|override)?\s*:\s*\S"
    rf"|\b(?:call|use|invoke|run|execute)\b.{{0,15}}\b(?:the )?(?:tool|function)s?\b.{{0,40}}\b(?:immediately|now|first|before)\b"
    rf"|\bas an? (?:{_WHOM}),? you (?:must|should|have to|will|need to)\b",
    re.IGNORECASE | re.MULTILINE,
)


def signs(text: str, most: int = 3) -> tuple[str, ...]:
    """The lines of a text (as ``content.visible`` gives it) that look like instructions to an assistant, cut to what
    can be shown; at most ``most``.
    """
    seen = text[:_MOST_SCANNED]
    return tuple(dict.fromkeys(_line(seen, match.start()) for match in islice(_SIGNS.finditer(seen), most)))


def _line(text: str, at: int) -> str:
    """What stands around a place, in its line."""
    start = max(text.rfind("\n", 0, at) + 1, at - LONGEST // 2)
    end = text.find("\n", at)
    line = " ".join(text[start : end if end > 0 else None][: LONGEST * 2].split())
    return line if len(line) <= LONGEST else line[: LONGEST - 2] + " …"
