"""One exchange of a conversation: what the owner typed, and what came of it on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localgpt.app import slash
from localgpt.cli import reply
from localgpt.cli.asking import asking
from localgpt.cli.output import Screen
from localgpt.core.errors import LocalGPTError

if TYPE_CHECKING:
    from localgpt.app import SlashReply, Talk
    from localgpt.cli.state import Runner

TEMPORARY = "This chat is temporary: it is deleted when it ends. Only /remember writes anything down."


def answer(words: str, screen: Screen, talk: Talk, runner: Runner) -> bool:
    """One message or slash command; False when it was the one that leaves."""
    model = ""
    try:
        if words.startswith("/"):
            done = runner.run(slash.run(words, talk))
            _show(done, screen)
            if not done.send:
                return not done.quit
            words, model = done.send, done.model
        view = reply.view(screen, markdown=talk.assistant.config.chat.render_markdown)
        asks = asking(screen, talk.assistant)
        finished = runner.run(reply.show(talk.send(words, model), view, asks))
        if finished and finished.error:
            screen.error(finished.error)
    except LocalGPTError as error:
        screen.error(error.message, error.hint)
    return True


def _show(done: SlashReply, screen: Screen) -> None:
    if done.clear:
        screen.clear()
    if done.text:
        screen.markdown(done.text)
