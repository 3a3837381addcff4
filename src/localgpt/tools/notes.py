"""Tools over what the assistant knows: search it, read on, add to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from localgpt.core.errors import ToolError
from localgpt.core.values import Chunk, Effect, EffectKind, Egress, Hit, Origin
from localgpt.memory.search import Query
from localgpt.memory.workspace import Note
from localgpt.security.content import visible
from localgpt.tools.base import ToolContext, ToolOutput, least_trusted, no_effects, place_name, reads, tool
from localgpt.tools.passages import (
    check_private,
    check_private_lines,
    check_private_talk,
    check_shared,
    origin_read,
    presented,
)

HIT_LENGTH = 700
"""Characters of a hit that a model is shown; ``memory_get`` reads on."""
LONGEST_READING = 12_000
"""Characters that ``memory_get`` gives at once."""

SESSION, ATTACHMENT = "session:", "attachment:"
_MOST_HITS = 50


@tool(effects=no_effects)
def memory_search(
    context: ToolContext,
    query: Annotated[str, "A question or a few words."],
    limit: int = 5,
    since: Annotated[str, "The first day (YYYY-MM-DD)."] = "",
    until: Annotated[str, "The last day."] = "",
    within: Annotated[Literal["all", "notes", "sessions"], "Notes, earlier conversations, or both."] = "all",
) -> ToolOutput:
    """Search the owner's notes and earlier conversations; gives passages with their path and lines.

    Foreign passages come fenced, and make the whole output count as foreign.
    """
    limit = min(max(limit, 1), _MOST_HITS)
    room = limit * HIT_LENGTH // 4
    found = context.search(Query(query, limit=limit, since=since, until=until, within=within, tokens=room))
    given = [hit for hit in found.hits if context.may_quote(hit.path)]
    hits = [hit for hit in given if context.local or hit.egress is Egress.OPEN]
    withheld = len(found.hits) - len(hits)
    notices = (f"Withheld because they are private: {withheld}.",) if withheld else ()
    shown = [_shown_hit(number, hit, context) for number, hit in enumerate(hits, start=1)]
    parts = (*(shown or ["No notes match."]), *notices, *found.notices)
    return ToolOutput("\n\n".join(parts), least_trusted(hit.origin for hit in hits))


def _shown_hit(number: int, hit: Hit, context: ToolContext) -> str:
    head = f"{number}. [{_one_line(str(hit.span))}] ({hit.score:.2f}) {hit.date}".rstrip()
    text = hit.text if len(hit.text) <= HIT_LENGTH else hit.text[:HIT_LENGTH].rstrip() + " […]"
    return f"{head}\n{presented(context, text, hit.origin, str(hit.span))}"


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())


def _get_effects(arguments: Mapping[str, Any], context: ToolContext) -> tuple[Effect, ...]:
    path = str(arguments["path"])
    if path.startswith((SESSION, ATTACHMENT)):
        return (Effect(EffectKind.READS, path),)
    return reads("path")(arguments, context)


@tool(effects=_get_effects)
def memory_get(
    context: ToolContext,
    path: Annotated[str, "As memory_search gives it."],
    from_line: int = 1,
    lines: int = 120,
) -> ToolOutput:
    """Read lines of a note, conversation or attachment that memory_search has found."""
    start = max(from_line, 1)
    note = _read(context, path, start, start + max(lines, 1) - 1)
    if not note.text:
        there = (
            f"{note.path} has no line {start}."
            if start > note.total
            else f"Nothing was said in {note.path}:{start}."
        )
        return ToolOutput(f"{there} It has {note.total}.")
    text, end, rest = _shortened(note)
    origin = _origin(context, note)
    head = f"[{_one_line(f'{note.path}:{start}-{end}')}]{rest}"
    return ToolOutput(f"{head}\n{presented(context, text, origin, note.path)}", origin)


def _origin(context: ToolContext, note: Note) -> Origin:
    """Whose words the lines are; those of an attachment are foreign, whoever handed it over."""
    if note.path.startswith(ATTACHMENT):
        return Origin.FOREIGN
    return origin_read(context, Chunk(note.path, note.start, note.end, note.text.removesuffix("\n")))


def _read(context: ToolContext, path: str, start: int, end: int) -> Note:
    if path.startswith((SESSION, ATTACHMENT)):
        check_shared(context, path)
    if path.startswith(SESSION):
        said = context.read_session(path.removeprefix(SESSION), start, end)
        check_private_talk(context, said)
        return said
    if path.startswith(ATTACHMENT):
        read = context.read_attachment(path, start, end)
        check_private_lines(context, context.read_attachment(path, 1, None), read.start, read.end)
        return read
    note = context.workspace.read(path, start, end)
    check_private(context, path, note.start, note.end)
    return note


def _shortened(note: Note) -> tuple[str, int, str]:
    """As much of the text as is given at once, its last line, and a sentence on what else there is."""
    text = note.text.removesuffix("\n")
    if len(text) > LONGEST_READING:
        text = text[:LONGEST_READING]
        of_file = not note.path.startswith(SESSION)  # what was said takes as many lines as it likes
        return text, note.start + text.count("\n") if of_file else note.end, " Cut here; ask for fewer lines."
    more = note.total - note.end
    return text, note.end, f" {more} more lines; go on with from_line={note.end + 1}." if more else ""


def _remember_effects(arguments: Mapping[str, Any], context: ToolContext) -> tuple[Effect, ...]:
    return (
        Effect(EffectKind.WRITES, place_name(context.workspace.remembering(str(arguments["to"])), context)),
    )


@tool(effects=_remember_effects)
def remember(
    context: ToolContext,
    text: Annotated[str, "What to keep, in a sentence that will make sense in a year."],
    to: Annotated[
        str, "daily (today's note), memory (lasting facts), user (about the owner), or a path."
    ] = "daily",
) -> ToolOutput:
    """Write something down so that it is found later."""
    if not text.strip():
        raise ToolError("There is nothing to remember.", hint="Give the text to keep.")
    kept = context.workspace.remember(text, context.author, to)
    if kept.change is None:
        return ToolOutput(f"Already there: {kept.span}")
    return ToolOutput(f"Written to {kept.span}", changes=(kept.change,))
