"""What a turn's model is given: the one place where memory, skills and the conversation meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from localgpt.agent import context, loaded_notes, recent_days
from localgpt.agent.attaching import Attaching, Given, Reader
from localgpt.agent.context import Budget, Context
from localgpt.agent.directives import in_force
from localgpt.agent.occasion import Occasion, Share, share_of
from localgpt.agent.research_reading import plain
from localgpt.agent.sessions import Session
from localgpt.agent.skills import listing
from localgpt.agent.skills.shelf import Skills
from localgpt.app.project_memory import Look, ProjectMemory
from localgpt.core.config import Config
from localgpt.core.values import Attached, Chunk, Hit, Message, Origin, Piece, Span
from localgpt.memory import templates
from localgpt.memory.attachments import begins
from localgpt.memory.search import Query, Searcher
from localgpt.memory.workspace import Workspace
from localgpt.models.base import Engine, takes
from localgpt.tools.base import Toolbox


class Prompts:
    """Makes the prompt of each turn, and holds the stable prefix of each conversation."""

    def __init__(
        self,
        config: Config,
        workspace: Workspace,
        searcher: Searcher,
        tools: Toolbox,
        skills: Skills,
        projects: ProjectMemory,
        clock: Callable[[], datetime],
        origin_of: Callable[[Chunk], Origin],
        attaching: Callable[[Session], Attaching] | None = None,
    ) -> None:
        self._config = config
        self._root = workspace.root
        self._origin_of = origin_of
        self._attaching = attaching
        self._searcher = searcher
        self._tools = tools
        self._skills = skills
        self._projects = projects
        self._clock = clock
        self._read = context.read_quietly(lambda name: in_force(workspace.read(name).text))
        self._prefixes = context.Prefixes()

    def make(
        self, session: Session, words: str, engine: Engine, line: int, occasion: Occasion | None = None
    ) -> Context:
        """The prompt for ``words``, which stand at ``line`` of the conversation's file already.

        ``occasion`` decides which parts are in it; without, it is a chat with the owner.
        """
        budget, share = self.budget(engine), share_of(occasion or Occasion())
        skills = listing.piece(self._skills.ready()) if share.skills else None
        look = self._projects.look(session) if share.project else None
        prefix = self._prefixes.of(
            f"{session.id} {budget.window} {share}",  # another model's window may be another size
            lambda: context.prefix(
                self._read,
                budget.always_loaded,
                skills,
                self._projects.pieces(look, budget.window),
                self._names(share),
            ),
        )
        changed = loaded_notes.changed_notes(prefix, self._read, share.notes)
        given = self._given(session, engine, budget, share)
        messages = given.messages
        made = context.assemble(
            prefix=prefix,
            news=(*listing.news(prefix, skills), *changed),
            hits=self._recalled(
                words, Span(f"session:{session.id}", line, line), budget, look, share, handed_over(messages)
            ),
            messages=messages,
            moment=self._clock(),
            model=engine.name,
            local=engine.local and share.local,
            budget=budget,
            tools=self._tools.specs,
            prelude=lambda passages: self._days(messages, passages, budget, share),
        )
        return replace(made, attached=given.sentences, attached_texts=given.texts)

    def _given(self, session: Session, engine: Engine, budget: Budget, share: Share) -> Given:
        """The conversation with what the engine is given of the files that were handed over in it."""
        messages = tuple(session.messages())
        if self._attaching is None:
            return Given(messages)
        reader = Reader(
            lambda media_type: takes(engine, media_type),
            engine.local and share.local,
            budget.window // 3,
            reads_on=not session.temporary,
        )
        return self._attaching(session).given(messages, reader)

    def _names(self, share: Share) -> tuple[str, ...]:
        """The notes that stand in the prefix; the first-run ritual among them while it has to be held."""
        pending = share.ritual and loaded_notes.is_pending(
            self._read,
            lambda name: templates.template(name).decode(),
            any_day=any((self._root / "memory").glob("*.md")),
        )
        return (*share.notes, loaded_notes.RITUAL) if pending else share.notes

    def _days(
        self, messages: Sequence[Message], passages: Sequence[Piece], budget: Budget, share: Share
    ) -> tuple[Piece, ...]:
        """What stands in the notes of today and yesterday, at the beginning of a conversation."""
        if not share.days or not recent_days.is_beginning(messages):
            return ()
        folder = self._root / "memory"
        paths = [
            f"memory/{path.name}"
            for day in recent_days.days(self._clock().date())
            for path in sorted(folder.glob(f"{day}*.md"))
        ]
        return recent_days.prelude(
            ((path, self._read(path) or "") for path in paths),
            passages,
            lambda chunk: self._origin_of(chunk) is Origin.FOREIGN,
            min(recent_days.ALL_CHARS, budget.window * 4 // 10),
        )

    def _recalled(
        self,
        words: str,
        said: Span,
        budget: Budget,
        look: Look | None,
        share: Share,
        handed: tuple[str, ...],
    ) -> tuple[Hit, ...]:
        """What memory holds on ``words``, but for the words themselves; what is of the project comes first, then
        what stands in the files that were handed over here.
        """
        if not share.passages:
            return ()
        query = Query(
            words,
            limit=budget.passages,
            exclude=said,
            prefer=look.prefer if look else (),
            tokens=budget.passage_tokens,
        )
        hits = (*self._projects.hits(look, words), *self._in_files(words, handed, budget.passages))
        every = dict[str, Hit]()
        for hit in (*hits, *self._searcher.search(query).hits):
            every.setdefault(str(hit.span), hit)
        return tuple(replace(hit, text=_shown(hit)) for hit in every.values() if share.may_quote(hit.path))

    def _in_files(self, words: str, handed: tuple[str, ...], passages: int) -> tuple[Hit, ...]:
        """What the files say on it: half of the passages at most, the other half is for the notes."""
        if not handed:
            return ()
        return self._searcher.search(Query(words, limit=(passages + 1) // 2, only=handed)).hits

    def budget(self, engine: Engine) -> Budget:
        """How much of each part fits into what an engine takes."""
        given = self._config
        return Budget.of(
            min(given.agent.context_window, engine.context_window),
            always_loaded=given.context.always_loaded_tokens,
            passages=given.context.passages,
        )


def _shown(hit: Hit) -> str:
    """What stands in a passage now; in one from outside nothing leads or loads anywhere, its lines stay as they are."""
    if hit.origin is not Origin.FOREIGN:
        return in_force(hit.text)
    return "\n".join(" ".join(plain(line).splitlines()) for line in hit.text.split("\n"))


def handed_over(messages: Sequence[Message]) -> tuple[str, ...]:
    """How the paths begin of the files that were handed over in a conversation, the newest first."""
    found = [
        block for message in reversed(messages) for block in message.blocks if isinstance(block, Attached)
    ]
    return tuple(dict.fromkeys(begins(block.sha256) for block in found))
