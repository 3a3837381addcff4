"""Slash commands about the conversation itself: back, again, aside, its title, its model, its export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from localgpt.app import enclosing, settling
from localgpt.app.consent import sentence
from localgpt.app.exporting import exported, shape_of, write_new
from localgpt.app.slash_command import SlashCommand, SlashReply
from localgpt.core.errors import NotFound, UsageError

if TYPE_CHECKING:
    from localgpt.agent.sessions import Session
    from localgpt.agent.transcript import Entry
    from localgpt.app.talk import Talk
    from localgpt.care.steps import Step
    from localgpt.care.undo import Undone

_WORDS = 60
_DIFF_LINES = 40
_NOTHING = "Nothing was said yet in this conversation."


async def _undo(talk: Talk, _rest: str) -> SlashReply:
    """The last thing that was said or done here: its files, and the conversation to before it."""
    from localgpt.agent import branching

    said = branching.asked(talk.session)[-1:] if talk.session else []
    steps = [step for step in await talk.assistant.history(limit=0) if _belongs(step, talk)]
    if steps and (not said or _is_later(steps[0], said[0])):
        return SlashReply(undone_text(await talk.assistant.undo(steps[0].id)))
    if talk.session is None or not said:
        raise NotFound(
            "There is nothing to undo in this conversation.",
            hint="localgpt history lists all changes; localgpt undo puts back the last.",
        )
    turn = branching.turn_of(said[0])
    done = await talk.assistant.undo(turn) if any(step.id == turn for step in steps) else None
    branching.rewind(talk.session)
    talk.seen = None
    files = [undone_text(done)] if done else []
    return SlashReply("\n\n".join([f"Taken back: {_quoted(said[0])}.", *files]))


def _belongs(step: Step, talk: Talk) -> bool:
    """Whether a step is in effect and was made in this chat (of a conversation that was left: at its end)."""
    if step.undone_by or step.undoes:
        return False
    if step.id in talk.steps or (talk.session is not None and step.session == talk.session.id):
        return True
    return step.session in talk.turns.values() and step.id not in talk.turns


def _is_later(step: Step, said: Entry) -> bool:
    """Whether a step is not the last turn's but was made after it."""
    from localgpt.agent.branching import turn_of
    from localgpt.agent.transcript import parse_time

    made = parse_time(step.time)
    return step.id != turn_of(said) and (said.time is None or made is None or made > said.time)


def undone_text(done: Undone) -> str:
    """What an undo did, as Markdown: the files, what stays and why, the lines, and how to have it back."""
    parts = [f"Put back: {', '.join(f'`{file.path}`' for file in done.changed)}."] if done.changed else []
    parts += [f"`{file.path}` stays as it is: {file.kept}." for file in done.kept]
    if not parts:
        return "Its files are as they were before already."
    lines = done.diff.splitlines()
    if lines:
        more = [f"({len(lines) - _DIFF_LINES} more lines)"] if len(lines) > _DIFF_LINES else []
        parts.append("\n".join(["~~~~~~diff", *lines[:_DIFF_LINES], *more, "~~~~~~"]))
    if done.id:
        parts.append(f"`localgpt undo {done.id}` brings it back.")
    return "\n\n".join(parts)


async def _rewind(talk: Talk, rest: str) -> SlashReply:
    from localgpt.agent import branching

    taken = branching.rewind(_session(talk), _count(rest))
    talk.seen = None
    return SlashReply(f"Back to before {_quoted(taken[0])}. Files stay as they are.")


def _count(rest: str) -> int:
    if not rest:
        return 1
    if not rest.isdecimal():
        raise UsageError(f"{rest!r} is not a number of turns.", hint="Like this: /rewind 2")
    return int(rest)


async def _retry(talk: Talk, rest: str) -> SlashReply:
    from localgpt.agent import branching

    session = _session(talk)
    name, _, yes = rest.partition(" ")
    if name and (question := _question(talk, name, yes, "/retry")):
        return SlashReply(question)
    (said,) = branching.rewind(session)
    turn = branching.turn_of(said)
    wrote = any(step.id == turn and not step.undone_by for step in await talk.assistant.history(limit=0))
    enclosing.attached_again(talk, said)
    note = f"What it wrote stays; `localgpt undo {turn}` puts it back." if wrote else ""
    return SlashReply(note, send=branching.words_of(said), model=name)


async def _branch(talk: Talk, rest: str) -> SlashReply:
    from localgpt.agent import branching

    session = _session(talk)
    kept = await settling.left(talk)
    talk.session = branching.branch(talk.sessions, session, rest)
    return SlashReply(
        f"This is now **{talk.session.title}**; `/resume` with its ID goes back to the other.{kept}"
    )


async def _title(talk: Talk, rest: str) -> SlashReply:
    session = _session(talk)
    if not rest:
        return SlashReply(f"**{session.title or session.facts().words}**")
    session.rename(rest)
    return SlashReply(f"This is now **{session.title}**.")


async def _model(talk: Talk, rest: str) -> SlashReply:
    name, _, yes = rest.partition(" ")
    if not name:
        engine = await talk.engine()
        where = "on this machine" if engine.local else "not on this machine"
        return SlashReply(f"{engine.name} answers ({where}). `/model NAME` lets another one.")
    if question := _question(talk, name, yes, "/model"):
        return SlashReply(question)
    talk.model = name
    return SlashReply(f"{talk.assistant.named(name).name} answers from now on in this chat.")


def _question(talk: Talk, name: str, yes: str, command: str) -> str:
    """What is to be agreed to before a model elsewhere is used for the first time; empty where nothing is.

    Raises ``ModelError`` where there is no such model.
    """
    engine = talk.assistant.named(name)
    if not talk.assistant.consent.needed(engine):
        return ""
    if yes.strip().lower() == "yes":
        talk.assistant.consent.give(engine)
        return ""
    return f"{sentence(engine)} `{command} {name} yes` uses it."


async def _export(talk: Talk, rest: str) -> SlashReply:
    if talk.session is None:
        return SlashReply("Nothing was said yet; there is nothing to export.")
    if not rest:
        return SlashReply(exported(talk.session, "markdown"))
    path = Path(rest)
    return SlashReply(f"Exported to {write_new(path, exported(talk.session, shape_of(path)))}.")


def _session(talk: Talk) -> Session:
    if talk.session is None:
        raise NotFound(_NOTHING, hint="Say something first, or /resume another conversation.")
    return talk.session


def _quoted(said: Entry) -> str:
    from localgpt.agent.branching import words_of
    from localgpt.agent.session_index import one_line

    return f"“{one_line(words_of(said), _WORDS)}”"


COMMANDS: tuple[SlashCommand, ...] = (
    SlashCommand("undo", "undo", "takes the last turn back, with what it wrote into files", _undo),
    SlashCommand("rewind", "rewind [N]", "takes the last N turns back, but leaves files alone", _rewind),
    SlashCommand("retry", "retry [MODEL]", "says the last words again, to another model if named", _retry),
    SlashCommand("branch", "branch [TITLE]", "goes on in a copy of this conversation", _branch),
    SlashCommand("title", "title [TEXT]", "shows or sets the conversation's title", _title),
    SlashCommand("model", "model [NAME]", "shows who answers, or lets another model in this chat", _model),
    SlashCommand(
        "export",
        "export [FILE]",
        "shows the conversation as Markdown, or writes it to FILE (.md, .html or .json)",
        _export,
    ),
    *enclosing.COMMANDS,
)
