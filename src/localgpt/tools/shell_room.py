"""Where commands of models run: walls around each, eyes on what it reads and writes, and handles of those that go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from localgpt.core.errors import LocalGPTError, ToolError, UsageError
from localgpt.core.journal import Journal
from localgpt.core.paths import Home
from localgpt.core.values import Author, Origin
from localgpt.security.content import visible
from localgpt.security.sandbox import planning, supervisor
from localgpt.security.sandbox.background import Background, Handles
from localgpt.security.sandbox.plan import FULL, NONE, Limits, Plan
from localgpt.security.sandbox.result import Result
from localgpt.security.sandbox.status import status
from localgpt.tools import shell_hiding, shell_output
from localgpt.tools.base import ToolContext, ToolOutput
from localgpt.tools.shell_intent import Intents
from localgpt.tools.shell_ledger import Ledger, Run, Settled
from localgpt.tools.shell_origin import tells_no_content, tells_strange_names, watched
from localgpt.tools.shell_recovery import recover

SECONDS, SECONDS_BEHIND, MOST_SECONDS = 120, 3600, 24 * 3600
"""How long a command may take that is waited for, that goes on in the background, and at most."""
_FIRST_WORDS = 1.0
_NEWS = 5.0
_MOST_TOLD = 20
_OUTPUT_BEHIND = 4 * 1024 * 1024


@dataclass(eq=False, slots=True)
class _Behind:
    """A command that goes on: its handle's other side."""

    run: Run
    command: str
    walled: bool
    settled: Settled = field(default_factory=Settled)
    over: threading.Event = field(default_factory=threading.Event)


class ShellRoom:
    """Commands in the workspace of ``home``. ``foreign`` gives the notes that hold foreign lines, ``trusted`` the real
    folders outside whose files count as the owner's, ``frozen`` whether the owner has stopped everything,
    ``strength`` which walls stand; where none does, commands run without, for the policy had the owner asked.
    """

    def __init__(
        self,
        home: Home,
        journal: Journal,
        *,
        foreign: Callable[[], frozenset[str]],
        trusted: Callable[[], Iterable[Path]] = tuple,
        frozen: Callable[[], object] = lambda: None,
        strength: Callable[[], str] = lambda: status().strength,
    ) -> None:
        self._strength = strength
        self._home, self._journal, self._foreign, self._trusted = home, journal, foreign, trusted
        recover(home.state, home.workspace, journal)
        self._ledger = Ledger(home.workspace, journal, Intents(home.state))
        self._handles = Handles(frozen)
        self._behind: dict[Background, _Behind] = {}

    def run(
        self,
        context: ToolContext,
        command: str,
        timeout: int,
        network: bool,
        folders: tuple[str, ...],
        stop: threading.Event,
    ) -> ToolOutput:
        """Run a command to its end, or until ``stop`` is set."""
        limits = Limits(seconds=_seconds(timeout, SECONDS))
        strength = self._strength()
        plan, run = self._begun(context, command, limits, network, folders, strength)
        settled = Settled()
        try:
            with supervisor.started(plan, strength) as running:
                threading.Thread(target=_stop_when, args=(stop, running), daemon=True).start()
                result = running.wait()
        finally:
            settled = self._ledger.settle(run, over=True)
            stop.set()
        self._tell(run, result, network, settled)
        text = shell_output.both(result)
        origin = _origin(run, command, text, self._names())
        return _output(context, _ended(result), text, origin, settled, len(plan.hidden))

    def start(
        self, context: ToolContext, command: str, timeout: int, network: bool, folders: tuple[str, ...]
    ) -> ToolOutput:
        """Let a command go on, and tell its handle and first words."""
        limits = Limits(seconds=_seconds(timeout, SECONDS_BEHIND), output=_OUTPUT_BEHIND)
        strength = self._strength()
        plan, run = self._begun(context, command, limits, network, folders, strength)
        behind = _Behind(run, command, walled=not network and not folders and strength != NONE)
        try:
            made = self._handles.start(plan, strength, context.author.session, lambda: self._over(behind))
        except BaseException:
            self._ledger.settle(run, over=True)
            raise
        here = self._handles.of(context.author.session)
        for one in list(self._behind):  # ended ones that nobody can ask for any more
            if one.owner == context.author.session and one not in here:
                del self._behind[one]
        self._behind[made] = behind
        return self._polled(context, made, _FIRST_WORDS)

    def process(self, context: ToolContext, action: str, handle: str, text: str) -> ToolOutput:
        """Look after a command that goes on. Raises ``NotFound`` for one that this conversation has not."""
        owner = context.author.session
        if action == "list":
            return ToolOutput("\n".join(map(self._line, self._handles.of(owner))) or "No command goes on.")
        one = self._handles.get(handle, owner)
        if action == "send":
            if not text:
                raise ToolError("There is no text to send.", hint="Give text; \\n at its end is Enter.")
            one.send(text)
        elif action == "kill":
            one.kill()
        return self._polled(context, one, _NEWS if action == "poll" else _FIRST_WORDS)

    def is_walled(self, handle: str, session: str) -> bool:
        """Whether a command that goes on has neither network nor more folders."""
        try:
            behind = self._behind.get(self._handles.get(handle, session))
        except LocalGPTError:
            return True  # there is none; running the tool says so
        return behind is None or behind.walled

    def close(self) -> None:
        """End every command, and write down what they changed."""
        self._handles.close()
        for behind in list(self._behind.values()):
            behind.over.wait(_NEWS)
        self._ledger.close()

    def _begun(
        self,
        context: ToolContext,
        command: str,
        limits: Limits,
        network: bool,
        folders: tuple[str, ...],
        strength: str,
    ) -> tuple[Plan, Run]:
        ledger = self._ledger
        private = ledger.look()
        plan = planning.plan([command], self._home, write=map(Path, folders), network=network, limits=limits)
        hidden = shell_hiding.hidden(ledger.root, ledger.paths, () if context.local else private)
        if hidden and strength != FULL:
            raise ToolError(
                f"{hidden[0]} is private or holds keys, and these walls can't hide it from a command."
                if strength != NONE
                else f"{hidden[0]} is private or holds keys, and no walls here hide it from a command.",
                hint="Ask a model on this machine, or move it out of the workspace.",
            )
        is_foreign = context.author.origin is Origin.FOREIGN or network or not self._are_trusted(folders)
        is_foreign = is_foreign or strength == NONE
        closed = (*plan.closed, *(name.rstrip("/") for name in plan.reserved))
        known = self._foreign()
        eyes = watched(ledger.root, ledger.paths, known, context.origin_of)
        eyes |= {path for path in known if any(path.startswith(f"{folder}/") for folder in folders)}
        closed = closed if strength != NONE else ()
        run = ledger.begin(context.author, closed, eyes, foreign=is_foreign, seconds=limits.seconds)
        return replace(plan, hidden=hidden), run

    def _are_trusted(self, folders: Iterable[str]) -> bool:
        """Whether the owner answers for what is in these folders."""
        trusted = [Path(folder) for folder in self._trusted()] if folders else []
        return all(any(Path(one).resolve().is_relative_to(folder) for folder in trusted) for one in folders)

    def _names(self) -> frozenset[str]:
        """The files whose names an output may show, also those that no walk comes to."""
        return self._ledger.paths | self._foreign()

    def _polled(self, context: ToolContext, one: Background, wait: float) -> ToolOutput:
        polled = one.poll(wait)
        if polled.failure is not None:
            raise polled.failure
        behind = self._behind[one]
        if polled.over:
            behind.over.wait(_NEWS)
        settled = (
            behind.settled if polled.over else behind.settled + self._ledger.settle(behind.run, over=False)
        )
        behind.settled = Settled()
        origin = _origin(behind.run, "", polled.text, self._names())
        if context.author.origin is Origin.FOREIGN and polled.text:
            origin = Origin.FOREIGN
        lost = f"{polled.lost:,} bytes before this are lost; " if polled.lost else ""
        state = _ended(polled.result) if polled.result else f"{one.name} goes on, {one.seconds:.0f} s so far"
        return _output(context, lost + state, polled.text, origin, settled, len(one.plan.hidden))

    def _over(self, behind: _Behind) -> None:
        behind.settled += self._ledger.settle(behind.run, over=True)
        behind.over.set()

    def _line(self, one: Background) -> str:
        command = " ".join(visible(self._behind[one].command).split())[:100]
        return f"{one.name}  {'goes on' if one.alive else 'has ended'}  {one.seconds:.0f} s  {command}"

    def _tell(self, run: Run, result: Result, network: bool, settled: Settled) -> None:
        """A line in the journal: how it ended, and what can't be put back."""
        author: Author = run.author
        self._journal.append(
            "command.finished",
            turn=author.turn,
            session=author.session,
            code=result.code,
            reason=result.reason,
            seconds=round(result.seconds, 2),
            walls=result.strength,
            network=network,
            foreign=run.is_foreign,
            changed=len(settled.changes),
            unkept=[path.encode("utf-8", "replace").decode() for path in settled.unkept[:100]],
        )


def _stop_when(stop: threading.Event, running: supervisor.Running) -> None:
    stop.wait()
    running.stop()


def _seconds(given: int, usual: int) -> float:
    if given < 0 or given > MOST_SECONDS:
        raise UsageError(
            f"A command can't have {given} seconds.", hint=f"Give it 1 to {MOST_SECONDS} of them."
        )
    return float(given or usual)


def _origin(run: Run, command: str, text: str, paths: Iterable[str]) -> Origin:
    """Whose text it is: foreign if it may be made of such text; else nobody's that counts as the owner's word."""
    if not text.strip():
        return Origin.SYSTEM
    if run.foreign or (run.readers.opened and not tells_no_content(command)):
        return Origin.FOREIGN
    if tells_strange_names(text, paths):
        return Origin.FOREIGN
    return Origin.ASSISTANT


def _ended(result: Result) -> str:
    told = " ".join((f"Exit code {result.code} after {result.seconds:.1f} s.", *result.sentences))
    return told.removesuffix(".")


def _output(
    context: ToolContext, state: str, text: str, origin: Origin, settled: Settled, hidden: int
) -> ToolOutput:
    parts = [f"[{state}]", shell_output.shown(text, origin, context.marker)]
    parts += _told(settled)
    if hidden:
        parts.append(f"[{hidden} files could not be read: private notes or keys]")
    return ToolOutput("\n".join(part for part in parts if part), origin, settled.changes[:_MOST_TOLD])


def _told(settled: Settled) -> list[str]:
    found = [f"[changed: {_names([one.path for one in settled.changes])}]"] if settled.changes else []
    found += [f"[changed, and can't be undone: {_names(list(settled.unkept))}]"] if settled.unkept else []
    return found + [f"[{visible(one)}]" for one in settled.defused[:_MOST_TOLD]]


def _names(paths: list[str]) -> str:
    shown = [" ".join(visible(path).split())[:100] for path in paths[:_MOST_TOLD]]
    more = len(paths) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")
