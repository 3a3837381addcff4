"""Slash commands, for every door from one table. A reply is Markdown; what else a door should do stands beside it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from localgpt.app import conversing, permitting, researching, settling
from localgpt.app.slash_command import SlashCommand, SlashReply
from localgpt.core.errors import UsageError
from localgpt.core.values import Hit

if TYPE_CHECKING:
    from localgpt.app.assistant import Within
    from localgpt.app.talk import Talk
    from localgpt.memory.index import IndexStats

_EXCERPT = 160


async def run(line: str, talk: Talk) -> SlashReply:
    """Run ``line`` (with its slash) in ``talk``; raises ``UsageError`` for an unknown command.

    What is no command may be a skill's name: then the reply's ``send`` is what the door says to the model.
    """
    word, _, rest = line.strip().removeprefix("/").partition(" ")
    try:
        command = find(word)
    except UsageError:
        if (reply := _skill_named(talk, word, rest)) is None:
            raise
        return reply
    return await command.run(talk, rest.strip())


def _skill_named(talk: Talk, word: str, rest: str) -> SlashReply | None:
    from localgpt.agent.skills.invoking import called, invocation, slash_names

    taken = [name for command in SLASH for name in (command.name, *command.aliases)]
    found = called(word, slash_names(talk.assistant.skills.ready(), taken))
    return SlashReply(send=invocation(found[1], rest)) if found else None


def find(word: str) -> SlashCommand:
    """The command with that name or alias."""
    names = {name: command for command in SLASH for name in (command.name, *command.aliases)}
    if word.lower() in names:
        return names[word.lower()]
    near = difflib.get_close_matches(word.lower(), names, n=1)
    raise UsageError(
        f"There is no command /{word}.", hint=f"Did you mean /{near[0]}?" if near else "/help lists them all."
    )


async def _help(_talk: Talk, _rest: str) -> SlashReply:
    rows = [f"- `/{command.usage}` {command.summary}" for command in SLASH]
    return SlashReply("\n".join(["Commands:", "", *rows, "", "Anything else is said to the assistant."]))


async def _new(talk: Talk, _rest: str) -> SlashReply:
    kept = await settling.left(talk)
    talk.session, talk.seen = None, None
    before = "goes when this chat ends" if talk.temporary else "is kept; /sessions lists them"
    return SlashReply(f"A new conversation. The one before {before}.{kept}")


async def _compact(talk: Talk, rest: str) -> SlashReply:
    if talk.session is None:
        return SlashReply("Nothing was said yet; there is nothing to condense.")
    done = await talk.assistant.compact(talk.session, rest, model=talk.model or None)
    return SlashReply("\n".join(settling.lines(done)))


async def _resume(talk: Talk, rest: str) -> SlashReply:
    found = talk.sessions.open(rest or "latest")
    kept = "" if talk.session is not None and talk.session.id == found.id else await settling.left(talk)
    talk.session, talk.seen = found, None
    name = found.title or found.facts().words or found.id[:8]
    return SlashReply(f"Back in **{name}** ({len(found.messages())} messages).{kept}")


async def _sessions(talk: Talk, _rest: str) -> SlashReply:
    rows = [
        f"- `{info.id[:8]}` {info.updated:%Y-%m-%d %H:%M}  {info.title or '(nothing said)'}"
        for info in talk.sessions.list(20)
    ]
    return SlashReply(
        "\n".join([*rows, "", "`/resume ID` goes on with one."]) if rows else "No conversations yet."
    )


async def _search(talk: Talk, rest: str) -> SlashReply:
    return await _searched(talk, rest, "all", "search")


async def _memory(talk: Talk, rest: str) -> SlashReply:
    if rest:
        return await _searched(talk, rest, "notes", "memory")
    stats = await talk.assistant.stats()
    recent = await talk.assistant.recent(8)
    rows = [f"- [{item.path}:{item.start}] {_short(item.text)}" for item in recent]
    return SlashReply("\n".join([f"{_held(stats)} Changed last:", "", *rows]))


async def _searched(talk: Talk, words: str, within: Within, name: str) -> SlashReply:
    if not words:
        raise UsageError(f"/{name} needs words to search for.", hint=f"Like this: /{name} dentist")
    found = await talk.assistant.search(words, limit=8, within=within)
    rows = [_hit_line(hit) for hit in found.hits]
    return SlashReply("\n".join([*rows, *found.notices]) if rows else f"Nothing found for “{words}”.")


def _hit_line(hit: Hit) -> str:
    return " ".join(part for part in (f"- [{hit.span}]", hit.date, _short(hit.text)) if part)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1] + "…"


def _held(stats: IndexStats) -> str:
    return f"{_some(stats.notes, 'note')}, {_some(stats.sessions, 'conversation')}, {_some(stats.chunks, 'passage')}."


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


async def _remember(talk: Talk, rest: str) -> SlashReply:
    if not rest:
        raise UsageError(
            "/remember needs the text to keep.", hint="Like this: /remember the locker code is 4711"
        )
    noted = await talk.assistant.remember(rest)
    if noted.change is None:
        return SlashReply(f"That stands in [{noted.span}] already.")
    talk.steps.append(noted.change.author.turn)
    stays = " That stays when this chat is gone." if talk.temporary else ""
    return SlashReply(f"Noted in [{noted.span}].{stays}")


async def _research(talk: Talk, rest: str) -> SlashReply:
    if talk.temporary:
        raise UsageError("A temporary chat leaves no note.", hint="Leave it first: /quit")
    task = talk.assistant.research(rest, model=talk.model or None)
    shown = [event async for event in task.run()]
    talk.steps.append(task.state.id)
    return SlashReply("\n".join([f"Researched: [{task.state.note}]", "", *researching.told(shown)]))


async def _background(talk: Talk, rest: str) -> SlashReply:
    if talk.temporary:
        raise UsageError("A temporary chat leaves no task.", hint="Leave it first: /quit")
    task = talk.assistant.tasks.add(rest, model=talk.model or "")
    return SlashReply(f"Task `{task.id}` waits; the daemon does it, and `localgpt inbox` has the result.")


async def _status(talk: Talk, _rest: str) -> SlashReply:
    assistant = talk.assistant
    await assistant.ready()
    stats = await assistant.stats()
    session = talk.session.id[:8] if talk.session else "a new one"
    rows = [
        f"- model: {assistant.model} ({'on this machine' if assistant.engine.local else 'not on this machine'})",
        f"- conversation: {session}",
        f"- workspace: {assistant.home.workspace}",
        f"- memory: {_held(stats)} {_some(stats.pending, 'vector')} still to make.",
        f"- mode: {assistant.bounds.mode}",
    ]
    if sentence := assistant.freeze.sentence():
        rows.append(f"- {sentence}")
    return SlashReply("\n".join([*rows, *(f"- {notice}" for notice in assistant.notices)]))


async def _skills(talk: Talk, _rest: str) -> SlashReply:
    shelf = talk.assistant.skills
    rows = [f"- `/{skill.name}` {skill.manifest.description}" for skill in shelf.ready()]
    waiting = [
        f"- {skill.name} waits for your yes: localgpt skill add {skill.name}" for skill in shelf.waiting()
    ]
    return SlashReply("\n".join([*rows, *waiting]) or "No skills yet. `localgpt skill new NAME` begins one.")


async def _skill(talk: Talk, rest: str) -> SlashReply:
    word, _, text = rest.partition(" ")
    if not word:
        return await _skills(talk, "")
    if (reply := _skill_named(talk, word, text)) is None:
        raise UsageError(f"There is no skill {word}.", hint="/skills lists them.")
    return reply


async def _local(talk: Talk, _rest: str) -> SlashReply:
    engine = await talk.assistant.stay_home()
    return SlashReply(f"From now on {engine.name} answers; nothing leaves this machine.")


async def _context(talk: Talk, _rest: str) -> SlashReply:
    if talk.seen is None:
        return SlashReply("Nothing was sent yet in this conversation.")
    from localgpt.app.context_bar import drawn

    return SlashReply(drawn(talk.seen, talk.usage))


async def _reindex(talk: Talk, rest: str) -> SlashReply:
    stats = await talk.assistant.reindex(force=rest == "--force")
    return SlashReply(f"Indexed: {_held(stats)}")


async def _clear(_talk: Talk, _rest: str) -> SlashReply:
    return SlashReply(clear=True)


async def _quit(_talk: Talk, _rest: str) -> SlashReply:
    return SlashReply(quit=True)


SLASH: tuple[SlashCommand, ...] = (
    SlashCommand("help", "help", "shows this list", _help, ("h", "?")),
    SlashCommand("new", "new", "begins a new conversation", _new),
    SlashCommand("resume", "resume [ID]", "goes on with a conversation (the last one without ID)", _resume),
    SlashCommand("sessions", "sessions", "lists the conversations", _sessions),
    SlashCommand("search", "search WORDS", "searches notes and conversations", _search),
    SlashCommand("memory", "memory [WORDS]", "searches the notes; alone: what is in memory", _memory),
    SlashCommand("remember", "remember TEXT", "writes TEXT into today's note", _remember),
    SlashCommand("research", "research TOPIC", "researches TOPIC and writes a note on it", _research),
    SlashCommand("background", "background TEXT", "has TEXT done in the background", _background),
    SlashCommand("status", "status", "shows model, conversation and memory", _status),
    SlashCommand("skills", "skills", "lists the skills", _skills),
    SlashCommand("skill", "skill NAME [TEXT]", "uses a skill; /NAME [TEXT] is the same", _skill),
    SlashCommand("local", "local", "lets only models on this machine answer from now on", _local),
    SlashCommand("context", "context", "shows what the last turn was given", _context),
    SlashCommand(
        "compact", "compact [WISHES]", "condenses what was said up to now; the file keeps it all", _compact
    ),
    *conversing.COMMANDS,
    *permitting.COMMANDS,
    SlashCommand(
        "reindex", "reindex [--force]", "brings the search index up to date, or makes it anew", _reindex
    ),
    SlashCommand("clear", "clear", "clears the screen (the conversation is kept)", _clear),
    SlashCommand("quit", "quit", "leaves", _quit, ("exit", "q")),
)
