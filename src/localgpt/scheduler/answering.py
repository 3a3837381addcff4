"""The inbox as the owner uses it: what waits is allowed (that very call runs, once), dismissed, or replied to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from localgpt.agent.sessions import Sessions
from localgpt.core.errors import LocalGPTError, Locked, NotFound, UsageError
from localgpt.core.journal import Journal
from localgpt.core.values import Author, Message, Origin, Role, Stop, Text, ToolCall, ToolResult
from localgpt.scheduler.inbox import Box, Call, Item, ItemKind
from localgpt.scheduler.tasks import Task, TaskFolder, TaskState
from localgpt.security.content import new_marker
from localgpt.tools.base import Toolbox, ToolContext

ANSWERS = ("allow", "dismiss", "reply")
Contexts = Callable[[Author, bool, str], ToolContext]


class Inbox:
    """What waits, and answering it. ``tools`` and ``contexts`` are the assistant's; ``freed`` is told the key of what waited for an answer."""

    def __init__(
        self,
        box: Box,
        tasks: TaskFolder,
        journal: Journal,
        sessions: Sessions,
        tools: Callable[[], Toolbox],
        contexts: Contexts,
        freed: Callable[[str], None],
    ) -> None:
        self._box, self._tasks, self._journal, self._sessions = box, tasks, journal, sessions
        self._tools, self._contexts, self._freed = tools, contexts, freed

    def items(self, *, closed: bool = False) -> tuple[Item, ...]:
        """What is open, the newest first; with ``closed`` also what was answered."""
        return self._box.items(closed=closed)

    def get(self, reference: str) -> Item:
        """The item with that id or the beginning of one. Raises ``NotFound``, ``UsageError``."""
        return self._box.get(reference)

    def add(
        self, kind: ItemKind | str, title: str, text: str = "", *, session: str = "", note: str = ""
    ) -> Item:
        """Put something in."""
        return self._box.add(ItemKind(kind), title, text, session=session, note=note)

    async def answer(self, reference: str, answer: str, text: str = "") -> Item:
        """``allow`` runs the call that waits, exactly as it stands there; ``dismiss`` lets it be; ``reply`` says ``text``
        in the conversation that it came from, as a task. Raises ``UsageError`` for an item that was answered before.
        """
        item = await asyncio.to_thread(self._box.get, reference)
        match answer:
            case "allow":
                return await self._allow(item)
            case "dismiss":
                item = await asyncio.to_thread(self._box.close, item.id, "dismissed")
                await asyncio.to_thread(self._free, item)
                return item
            case "reply":
                return await asyncio.to_thread(self._reply, item, text.strip())
        raise UsageError(f"{answer!r} is no answer.", hint=f"Say one of: {', '.join(ANSWERS)}.")

    async def _allow(self, item: Item) -> Item:
        if item.call is None:
            raise UsageError(
                f"{item.id} asks for nothing.", hint=f"Put it away: localgpt inbox dismiss {item.id}"
            )
        if not item.call.whole:
            raise UsageError(
                f"The call of {item.id} held a secret, which is not kept here.", hint="Ask for it in a chat."
            )
        call = item.call
        await asyncio.to_thread(self._check_unchanged, item, call)
        item = await asyncio.to_thread(self._box.close, item.id, "allowed")  # first: it never runs twice
        result = await self._run(item, call)
        item = await asyncio.to_thread(self._box.tell, item, result.text)
        await asyncio.to_thread(self._put_into_conversation, item, call, result)
        await asyncio.to_thread(self._free, item)
        return item

    def _check_unchanged(self, item: Item, call: Call) -> None:
        """Raise ``UsageError`` where it would do something else by now: a link that leads elsewhere, say."""
        try:
            here = False
            context = self._contexts(Author(Origin.OWNER), here, new_marker())
            effects = self._tools().get(call.tool).effects(call.arguments, context)
        except LocalGPTError:
            return  # running it says what is wrong
        now = {(effect.kind.value, effect.target) for effect in effects}
        if call.effects and not now <= set(call.effects):
            does = ", ".join(f"{kind} {target}" for kind, target in sorted(now - set(call.effects)))
            raise UsageError(
                f"{item.id} would do something else by now: it {does}.", hint="Ask for it in a chat."
            )

    async def _run(self, item: Item, call: Call) -> ToolResult:
        """Run it as the owner's wish; gives what came of it, or what went wrong."""
        author = Author(Origin.OWNER, item.id, item.session, "inbox")
        about = {"turn": item.id, "session": item.session, "call": item.id}
        effects = [list(effect) for effect in call.effects]
        await asyncio.to_thread(
            self._journal.append,
            "tool.called",
            **about,
            name=call.tool,
            effects=effects,
            verdict="allow",
            reason="You allowed it in the inbox.",
        )
        try:
            here = False  # whoever reads the result may be elsewhere
            context = self._contexts(author, here, new_marker())
            output = await self._tools().get(call.tool).run(context, call.arguments)
            ok, text, origin = True, output.text, output.origin
        except LocalGPTError as error:
            ok, text, origin = False, f"It failed: {error.message} {error.hint}".strip(), Origin.SYSTEM
        await asyncio.to_thread(self._journal.append, "tool.finished", **about, ok=ok, origin=origin.value)
        return ToolResult(item.id, call.tool, text, is_error=not ok, origin=origin)

    def _put_into_conversation(self, item: Item, call: Call, result: ToolResult) -> None:
        """Let the conversation that asked know the call and its result, foreign text as foreign text."""
        try:
            session = self._sessions.open(item.session)
            with session.hold():
                said = Text(f"I allow it: {call.tool} ({item.id}).")
                session.append(Message(Role.USER, (said,)), turn=item.id)
                wish = ToolCall(item.id, call.tool, call.arguments)
                session.append(Message(Role.ASSISTANT, (wish,)), turn=item.id, stop=Stop.TOOLS)
                details = {"origin": result.origin.value}
                session.append(Message(Role.TOOL, (result,)), turn=item.id, details=details)
        except (NotFound, UsageError, Locked):  # it is gone, or at work: the item holds the result
            return

    def _reply(self, item: Item, text: str) -> Item:
        if not text:
            raise UsageError(
                "There is nothing to reply.", hint=f"Like this: localgpt inbox reply {item.id} TEXT"
            )
        if not item.session:
            raise UsageError(f"{item.id} has no conversation to reply in.", hint="Start one: localgpt chat")
        item = self._box.close(item.id, "replied")
        task = self._task_of(item)
        if task and not task.state.ended and task.state is not TaskState.RUNNING:
            self._tasks.change(task.id, state=TaskState.QUEUED, words=text, question="", starts=0)
        else:
            self._tasks.add(text, session=item.session, words=text)
            self._freed(item.key)
        return item

    def _free(self, item: Item) -> None:
        """Let what waited for the answer go on."""
        task = self._task_of(item)
        if task and task.question == item.id and task.state is TaskState.WAITING:
            self._tasks.change(task.id, state=TaskState.QUEUED, question="", starts=0)
        elif not task and item.key:
            self._freed(item.key)

    def _task_of(self, item: Item) -> Task | None:
        if item.key.startswith("task-"):
            with suppress(NotFound, UsageError):
                return self._tasks.get(item.key.removeprefix("task-"))
        return None
