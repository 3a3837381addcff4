"""The assistant: what every door uses, and ``from localgpt import Assistant`` gives.

It builds each room once, when it is first needed, and closes them at the end::

    async with Assistant() as assistant:
        print((await assistant.ask("When is my dentist's appointment?")).response)
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from localgpt.app.answer import Answer
from localgpt.app.approving import Approve, asked_of
from localgpt.app.attaching import TakingFiles
from localgpt.app.attending import Attending
from localgpt.app.consent import Consent
from localgpt.app.indexing import Indexing
from localgpt.app.rooms import Rooms
from localgpt.app.sharing import ELDEST, shared
from localgpt.app.time_machine import KeepingHistory
from localgpt.app.undoing import Undoing
from localgpt.app.visiting import Visit, housed, refuse, shown
from localgpt.core import config as settings
from localgpt.core import files, paths, redact
from localgpt.core.errors import LocalGPTError, ModelError, StorageError
from localgpt.core.events import Event, TurnFinished
from localgpt.core.paths import Home
from localgpt.core.values import Author, Chunk, Origin
from localgpt.models.base import Engine

if TYPE_CHECKING:
    from localgpt.agent.house import House
    from localgpt.agent.sessions import Session
    from localgpt.app.engines import Engines
    from localgpt.app.prompts import Prompts
    from localgpt.app.purse import Purse
    from localgpt.app.researching import ResearchTask
    from localgpt.app.settling import Settling
    from localgpt.memory.attachments import Attachment
    from localgpt.memory.search import Found
    from localgpt.memory.workspace import Note, Remembered
    from localgpt.security.policy import Folders, Mode
    from localgpt.tools.base import ToolContext


Within: TypeAlias = Literal["all", "notes", "sessions"]


def _local_now() -> datetime:
    return datetime.now().astimezone()


class Assistant(Rooms, Undoing, Indexing, TakingFiles, KeepingHistory, Attending):
    """One owner's assistant.

    ``home`` is the owner's folder (default: as ``localgpt paths`` shows), ``model`` the engine's name (default: the
    settings'), ``door`` a word for the journal, ``engine`` an engine of your own; with ``local`` only models on this
    machine answer. ``approve`` is asked about each tool call that needs the owner's word (whoever answers first counts);
    ``asks`` tells whether somebody at this door answers such questions (``approvals``), and may be set by it.
    Nothing is read but the settings until it is needed; ``async with`` makes the home on a first
    start and closes everything at the end.
    """

    def __init__(
        self,
        home: Home | str | Path | None = None,
        *,
        model: str | None = None,
        door: str = "python",
        engine: Engine | None = None,
        local: bool = False,
        approve: Approve | None = None,
        clock: Callable[[], datetime] = _local_now,
    ) -> None:
        located = home if isinstance(home, Home) else paths.locate(home=home)
        self.config = settings.load(located)
        redact.know(self.config.secrets.values())
        self.home = settings.workspace_of(located, self.config)
        self.door = door
        self.made: tuple[Path, ...] = ()
        self.asks = approve is not None
        self.visit: Visit | None = None
        self._approve = approve
        self._clock = clock
        self._notices = [*self.config.warnings]
        self._local = local
        self._given = engine
        self._engine = engine
        if model:
            self.use(model)

    def sibling(self, *, door: str, model: str | None = None, local: bool = False) -> Self:
        """Another assistant with the same rooms (index, conversations, engines, budgets, …) and a choice of model of
        its own, for another door. Closing it closes nothing; raises as ``use`` for ``model``.
        """
        twin = object.__new__(type(self))
        vars(twin)[ELDEST] = vars(self).get(ELDEST, self)
        twin.config, twin.home, twin.door, twin.made = self.config, self.home, door, ()
        twin._clock, twin._given, twin._engine, twin._local = self._clock, self._given, self._given, local
        twin._notices = [*self.config.warnings]
        twin.asks, twin._approve = False, None
        twin.visit = self.visit
        if self.visit is not None:
            vars(twin)["sessions"] = self.sessions
        if model:
            twin.use(model)
        return twin

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def start(self) -> tuple[Path, ...]:
        """Make the home if it is not there, and the workspace's first notes; return what was made.

        Nothing that is there is touched. A workspace that can't be written to is used as it is.
        """
        from localgpt.memory.templates import seed

        if not self.home.root.exists():
            files.make_folder(self.home.root, mode=files.PRIVATE_FOLDER)
        try:
            self.made = tuple(seed(self.home.workspace))
        except StorageError as error:
            self._notices.append(f"{error.message} It is used as it is; nothing can be noted in it.")
        try:
            self.settle_commands()
            self.adopt_questions()
        except StorageError as error:
            self._notices.append(str(error))
        return self.made

    @property
    def busy(self) -> bool:
        """Whether a model is answering, to whomever; closing would cut it off."""
        return "_engines" in self.__dict__ and self._engines.busy

    async def aclose(self) -> None:
        """Let go of everything: what engines keep warm, and the search index. A sibling lets go of nothing."""
        if ELDEST in vars(self):
            return
        if self._given is not None:
            await self._given.aclose()
        if "_engines" in self.__dict__:
            await self._engines.aclose()
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """End commands that go on and close the search index; for those who never asked a model. A sibling leaves them."""
        if "shell_room" in self.__dict__ and ELDEST not in vars(self):
            self.shell_room.close()
        if "index" in self.__dict__ and ELDEST not in vars(self):
            self.index.close()

    # -- who thinks

    async def ready(self) -> Engine:
        """The engine that answers, chosen when this is first asked: what was named, the settings', what is there."""
        async with self._choosing:
            if self._engine is None:
                self._engine, said = await self._engines.choose(local=self._local)
                self._notices += [said] if said else []
            _ = self._web_search  # what is missing for it is told with the first turn
        return self._engine

    @property
    def stays_home(self) -> bool:
        """Whether only models on this machine answer."""
        return self._local

    async def stay_home(self) -> Engine:
        """From now on only models on this machine answer; returns the one that does."""
        self._local = True
        if self._engine is None or not self._engine.local:
            self._engine = None
        return await self.ready()

    @property
    def engine(self) -> Engine:
        """The engine that answers. Raises ``ModelError`` before ``ready`` or the first turn has chosen one."""
        if self._engine is None:
            raise ModelError("No model was chosen yet.", hint="Await assistant.ready() first.")
        return self._engine

    @property
    def model(self) -> str:
        """The name of the engine that answers; see ``engine``."""
        return self.engine.name

    def use(self, model: str) -> None:
        """Let another engine answer from the next turn on.

        Raises ``UnknownModel`` or ``NotLoggedIn``, and ``ModelError`` for one elsewhere if only local ones may answer.
        """
        self._engine = self.named(model)

    def named(self, model: str) -> Engine:
        """The engine of that name; raises as ``use``."""
        refuse(self.visit, "choose the model")
        engine = self._engines.named(model)
        if self._local and not engine.local:
            raise ModelError(
                f"{engine.name} is not on this machine.", hint="Leave out --local, or name another one."
            )
        return engine

    @cached_property
    def _choosing(self) -> asyncio.Lock:
        return asyncio.Lock()

    @shared
    def _engines(self) -> Engines:
        from localgpt.app.engines import Engines  # a search needs no engine

        return Engines(self.config, self.outbound, reveal=self.keys.reveal)

    @shared
    def consent(self) -> Consent:
        """Which models elsewhere the owner has agreed to use."""
        return Consent(self.home.state / "consent.json")

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences for the owner about this start: settings that were not understood, a model that is not there."""
        return tuple(self._notices)

    # -- what doors do

    async def chat(
        self,
        message: str,
        *,
        session: Session | None = None,
        model: str | None = None,
        purpose: str = "chat",
        attachments: Sequence[Attachment] = (),
        turn: str = "",
    ) -> AsyncGenerator[Event, None]:
        """One turn, as a stream of events that ends with ``TurnFinished``.

        Without ``session`` a new conversation begins. ``purpose`` is a word for the journal, ``attachments`` are
        handed over with the words, ``turn`` is its id where the caller chose one. Close the stream (``aclose``) or
        cancel the task to stop the turn: what came is kept. Raises ``ModelError`` for an unknown ``model`` and ``StorageError`` when the words
        can't be kept, ``FrozenError`` while everything is stopped; everything later comes as an event.
        """
        from localgpt.agent.turn import Turn

        await asyncio.to_thread(self.freeze.check)
        if attachments:
            refuse(self.visit, "hand files over")
        engine = self.named(model) if model else await self.ready()
        session = session or self.sessions.new()
        house = self._temporary_house if session.temporary else self._asking(self._house)
        made = Turn(house, session, engine, purpose, attachments, turn or uuid.uuid4().hex[:12])
        async with contextlib.aclosing(made.run(message)) as events:
            async for event in events:
                if isinstance(event, TurnFinished) and event.citations:
                    await asyncio.to_thread(self.learn, session, message, purpose, event)
                yield event

    async def ask(
        self,
        question: str,
        *,
        session: Session | None = None,
        model: str | None = None,
        attachments: Sequence[Attachment] = (),
    ) -> Answer:
        """One turn, whole."""
        finished: TurnFinished | None = None
        events = self.chat(question, session=session, model=model, purpose="ask", attachments=attachments)
        async with contextlib.aclosing(events):
            async for event in events:
                if isinstance(event, TurnFinished):
                    finished = event
        if finished is None:
            raise ModelError("The turn ended without an answer.", hint="Ask again.")
        return Answer.of(question, finished)

    async def search(
        self, text: str, *, limit: int = 10, since: str = "", until: str = "", within: Within = "all"
    ) -> Found:
        """The passages that fit ``text`` best.

        ``since`` and ``until`` are days (``YYYY-MM-DD``), ``within`` is ``all``, ``notes`` or ``sessions``.
        """
        from localgpt.memory.search import Query

        query = Query(text, limit=limit, since=since, until=until, within=within)
        found = await asyncio.to_thread(self.searcher.search, query)
        return shown(found, self.visit) if self.visit else found

    async def remember(self, text: str, to: str = "daily") -> Remembered:
        """Write ``text`` into a note: ``daily``, ``memory``, ``user``, or a path in the workspace."""
        author = Author(Origin.OWNER, uuid.uuid4().hex[:12], door=self.door)
        return await asyncio.to_thread(self.workspace.remember, text, author, to)

    async def settle(
        self, session: Session, *, model: str | None = None, by_model: bool = True
    ) -> tuple[Event, ...]:
        """Note what is worth keeping of a conversation (``memory.harvest``); gives what was written, to be shown.

        Never fails, and never takes the same words twice. ``by_model`` lets ``model``, or who answers here, help.
        """
        if self.visit is not None or self.freeze.frozen() is not None:
            return ()
        engine = self.named(model) if model else self._engine
        return await self._settling.one(session, self.metered(engine) if by_model and engine else None)

    async def settle_rested(self, minutes: int = 30) -> tuple[Event, ...]:
        """The same, by rule, for each of the owner's conversations that has rested for ``minutes``. For a timer."""
        return () if self.freeze.frozen() is not None else await self._settling.rested(minutes)

    def pass_over(self, session: Session) -> None:
        """Never note by itself what was said in a conversation up to now: these were not the owner's own words."""
        self._settling.pass_over(session)

    async def compact(
        self, session: Session, wishes: str = "", *, model: str | None = None
    ) -> tuple[Event, ...]:
        """Condense all but the last part of a conversation now; ``wishes`` are for who words the summary."""
        refuse(self.visit, "condense a conversation")
        engine = self.metered(self.named(model) if model else await self.ready())
        return await self._settling.compact(session, engine, self._prompts.budget(engine).window, wishes)

    def research(
        self,
        topic: str = "",
        *,
        depth: str = "normal",
        local_files: bool = False,
        resume: str = "",
        model: str | None = None,
    ) -> ResearchTask:
        """Research that ends in a note of ``knowledge/``: run what this gives. ``resume`` is an earlier one's id.

        Raises ``UsageError`` without a topic, ``NotFound`` for an unknown id.
        """
        from localgpt.app.researching import ResearchTask, begun

        day = f"{self._clock():%Y-%m-%d}"
        state = begun(self, topic, depth=depth, local_files=local_files, resume=resume, day=day)
        return ResearchTask(self, state, self._clock, model)

    async def get(self, path: str, start: int = 1, end: int | None = None) -> Note:
        """Lines of anything that a search can bring: a note, a file of an extra folder, ``session:<id>``,
        ``attachment:<hash>/<name>``.
        """
        return await asyncio.to_thread(self._get, path, start, end)

    def _get(self, path: str, start: int = 1, end: int | None = None) -> Note:
        if path.startswith("session:"):
            from localgpt.agent.excerpt import excerpt

            return excerpt(self.sessions.open(path.removeprefix("session:")), start, end)
        if path.startswith("attachment:"):
            return self.attachments.lines(path, start, end)
        return self.workspace.read(path, start, end)

    # -- what a turn is handed

    @shared
    def _prompts(self) -> Prompts:
        from localgpt.app.prompts import Prompts

        rooms = (self.workspace, self.searcher, self.tools, self.skills, self.projects)
        return Prompts(self.config, *rooms, self._clock, self._origins, self.attaching)

    @cached_property
    def _settling(self) -> Settling:
        from localgpt.app.settling import Settling

        return Settling(
            self.config,
            self.sessions,
            self.workspace,
            self.journal,
            self.projects.note_of,
            clock=self._clock,
            door=self.door,
        )

    @cached_property
    def _temporary_house(self) -> House:
        from localgpt.agent.temporary import discreet

        return discreet(self._house)

    @cached_property
    def _house(self) -> House:
        from localgpt.agent.house import House

        house = House(
            journal=self.journal,
            toolbox=self.tools,
            tool_context=self._tool_context,
            context=self._prompts.make,
            lines_of=self._lines_of,
            door=self.door,
            max_rounds=self.config.agent.max_tool_rounds,
            max_reply_tokens=self.config.agent.max_tokens,
            settle=self._settling.one,
            budget=self._purse.budget,
            today=self._purse.today,
            mode=self._mode,
            folders=self._folders,
            grants=self.grants.book,
            remember=self.grants.remember,
            frozen=self.freeze.sentence,
        )
        return housed(house, self.visit, lambda: self._inbox_items) if self.visit else house

    @property
    def _folders(self) -> Folders:
        from localgpt.security.modes import YOLO
        from localgpt.security.policy import Folders

        named = tuple(self.bounds.named(self.home.workspace))
        return Folders(yolo=named[0] if named else "") if self.bounds.mode == YOLO else Folders(trusted=named)

    @property
    def _mode(self) -> Mode:
        from localgpt.security.policy import Mode

        mode = self.bounds.mode
        return Mode(mode) if mode in set(Mode) else Mode.READ_ONLY

    def _asking(self, house: House) -> House:
        """The house where somebody at this door can be asked, or can't."""
        if not self.asks:
            return house
        ask = asked_of(self.approvals, self._approve) if self._approve else self.approvals.ask
        return dataclasses.replace(house, ask=ask, patience=self.approvals.seconds)

    def metered(self, engine: Engine) -> Engine:
        """The engine under the owner's budgets, for requests beside turns: it raises ``BudgetReached``.

        Raises ``FrozenError`` while everything is stopped.
        """
        self.freeze.check()
        return self._purse.meter(engine)

    @shared
    def _purse(self) -> Purse:
        from localgpt.app.purse import Purse

        return Purse(self.config, self.journal)

    def _tool_context(self, author: Author, local: bool, marker: str) -> ToolContext:
        from localgpt.tools.base import ToolContext

        return ToolContext(
            workspace=self.workspace,
            search=self.projects.searching(self.searcher, author.session),
            author=author,
            read_session=self._session_lines,
            read_attachment=self._get,
            origin_of=self._origin_of,
            marker=marker,
            local=local,
        )

    def _session_lines(self, session: str, start: int, end: int) -> Note:
        return self._get(f"session:{session}", start, end)

    def _origin_of(self, passage: Chunk) -> Origin:
        """Who wrote lines of a note, by the journal and its place, or of a conversation, by the conversation itself."""
        if passage.path.startswith("attachment:"):
            return Origin.FOREIGN
        if not passage.path.startswith("session:"):
            return self._whose(passage)
        from localgpt.agent.excerpt import origin

        return origin(self.sessions.open(passage.path.removeprefix("session:")), passage.start, passage.end)

    def _lines_of(self, path: str) -> int | None:
        try:
            return self._get(path, 1, 1).total
        except LocalGPTError:
            return None
