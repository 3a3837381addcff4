"""The conversation at a terminal: an editor for what one types, and the replies below it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER, EditingMode
from prompt_toolkit.filters import has_focus
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.styles import Style

from localgpt import __version__
from localgpt.app import SLASH
from localgpt.cli.background import Background
from localgpt.cli.exchange import TEMPORARY, answer
from localgpt.cli.history import FileHistory
from localgpt.cli.idle import Idle
from localgpt.cli.leaving import show
from localgpt.cli.output import Screen, Styled, bold, dim
from localgpt.core.values import Role

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

    from localgpt.app import Talk
    from localgpt.cli.state import Runner

HISTORY = "chat-history.jsonl"
_STYLE = Style.from_dict({"prompt": "bold ansigreen", "continuation": "ansigreen"})
_SHOWN_LINES = 12


class Repl:
    """Reads, answers, and reads again until its owner leaves. ``source`` and ``sink`` stand in for the terminal."""

    def __init__(
        self,
        screen: Screen,
        talk: Talk,
        runner: Runner,
        *,
        source: Input | None = None,
        sink: Output | None = None,
    ) -> None:
        self.screen, self.talk, self.runner = screen, talk, runner
        settings = talk.assistant.config.chat
        self._background = Background(lambda: talk.assistant.index)
        self._idle = Idle(talk.assistant.settle_rested)
        self._editor: PromptSession[str] = PromptSession(
            history=InMemoryHistory() if talk.temporary else FileHistory(talk.assistant.home.state / HISTORY),
            multiline=True,
            prompt_continuation=FormattedText([("class:continuation", "| ")]),
            key_bindings=keys(),
            completer=SlashCompleter(),
            complete_while_typing=True,
            enable_history_search=False,
            editing_mode=EditingMode.VI if settings.editing_mode == "vi" else EditingMode.EMACS,
            style=_STYLE,
            input=source,
            output=sink,
        )

    def run(self) -> None:
        """The whole conversation."""
        self._greet()
        try:
            while (words := self._read()) is not None:
                if words and not self._answer(words):
                    return
        finally:
            self._background.close()

    def _read(self) -> str | None:
        """What the owner typed; None when they leave."""
        self._background.start()
        self._idle.start()
        try:
            return self._editor.prompt(FormattedText([("class:prompt", "> ")])).strip()
        except EOFError:
            return None
        except KeyboardInterrupt:
            return ""
        finally:
            self._background.stop()
            show(self.screen, self._idle.stop())

    def _answer(self, words: str) -> bool:
        self.screen = self.screen.resized()
        self.screen.line()
        try:
            with _no_echo(self.screen):
                going_on = answer(words, self.screen, self.talk, self.runner)
        except KeyboardInterrupt:
            going_on = True  # the view has shown what came and that it was stopped
        self.screen.line()
        return going_on

    def _greet(self) -> None:
        assistant = self.talk.assistant
        for line in welcome(self.talk) if assistant.made else [short_welcome(self.talk)]:
            self.screen.line(*line)
        for notice in [*assistant.notices, *([TEMPORARY] if self.talk.temporary else [])]:
            self.screen.line(Styled(notice, fg="yellow"))
        self.screen.line()
        if self.talk.session is not None:
            self._show_last()

    def _show_last(self) -> None:
        """The end of a conversation that is taken up again: the owner's last words and the reply to them."""
        for message in self._last_messages():
            lines = message.splitlines()
            self.screen.text(
                "\n".join(lines[:_SHOWN_LINES]) + ("\n..." if len(lines) > _SHOWN_LINES else "") + "\n\n"
            )

    def _last_messages(self) -> list[str]:
        assert self.talk.session is not None
        said = [message for message in self.talk.session.messages() if message.text.strip()]
        asked = [number for number, message in enumerate(said) if message.role is Role.USER]
        tail = said[asked[-1] :] if asked else []
        return [("> " if message.role is Role.USER else "") + message.text.strip() for message in tail]


def welcome(talk: Talk) -> list[list[str | Styled]]:
    """The first start: where things are, who answers, what to type next."""
    home = talk.assistant.home
    return [
        [
            bold("Welcome to LocalGPT."),
            " Everything stays on this machine, in files that you can read and edit:",
        ],
        [dim("  notes          "), _short(home.workspace)],
        [dim("  conversations  "), _short(home.sessions)],
        [dim("  settings       "), _short(home.config)],
        [_who(talk)],
        [],
        ["Tell it something:  ", bold("remember that my bike lock opens with 4711")],
        ["and ask for it:     ", bold("how do I open my bike lock?")],
        [dim("/help lists the commands, Ctrl-D leaves.")],
    ]


def short_welcome(talk: Talk) -> list[str | Styled]:
    """Every other start, in a line."""
    where = _short(talk.assistant.home.workspace)
    return [bold(f"LocalGPT {__version__}"), dim(f"  {talk.assistant.model} answers  {where}  /help")]


def _who(talk: Talk) -> str:
    model = talk.assistant.model
    if model == "recall":
        return "recall answers: it is built in, quotes what your notes say, and needs no key and no network."
    return f"{model} answers" + (", on this machine." if talk.assistant.engine.local else ".")


def _short(path: Path) -> str:
    """The path as people write it, with ``~``."""
    with contextlib.suppress(ValueError, RuntimeError):
        return str(Path("~") / path.relative_to(Path.home()))
    return str(path)


def keys() -> KeyBindings:
    """Enter sends (after a backslash it begins a new line, as Alt-Enter does); Ctrl-C empties the editor.

    Enter on a completion only takes it; in a search through the history it keeps prompt_toolkit's meaning.
    """
    bindings = KeyBindings()
    editing = has_focus(DEFAULT_BUFFER)

    @bindings.add("enter", filter=editing)
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state and buffer.complete_state.current_completion:
            buffer.complete_state = None
        elif buffer.document.text_before_cursor.endswith("\\"):
            buffer.delete_before_cursor()
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @bindings.add("escape", "enter", filter=editing)
    def _new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @bindings.add("c-c", filter=editing)
    def _clear(event: KeyPressEvent) -> None:
        event.current_buffer.reset()

    return bindings


class SlashCompleter(Completer):
    """Completes the name of a slash command at the beginning of the text."""

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002 - prompt_toolkit's signature
        """The commands that begin with what stands before the cursor."""
        typed = document.text_before_cursor
        if typed.startswith("/") and " " not in typed:
            for command in SLASH:
                if command.name.startswith(typed[1:].lower()):
                    yield Completion(
                        f"/{command.name}",
                        start_position=-len(typed),
                        display=f"/{command.usage}",
                        display_meta=command.summary,
                    )


@contextlib.contextmanager
def _no_echo(screen: Screen) -> Iterator[None]:
    """While a reply comes, keys are not painted into it; what was typed stands at the next prompt."""
    descriptor = _descriptor(screen)
    if descriptor is None:
        yield
        return
    import termios

    before = termios.tcgetattr(descriptor)
    silent = [*before]
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSANOW, silent)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)


def _descriptor(screen: Screen) -> int | None:
    """The terminal's file descriptor; None where there is no such thing."""
    with contextlib.suppress(OSError, ValueError):
        if os.name == "posix" and screen.source and screen.source.isatty():
            return screen.source.fileno()
    return None
