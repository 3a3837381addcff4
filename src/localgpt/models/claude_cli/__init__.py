"""The Claude command line as an engine: it thinks with the subscription or key that its owner is logged in with.

One process answers for a conversation as long as it lasts. It has no tools but ours, and it does nothing with them:
it asks, the turn decides and acts, and the next request brings the results. Only what is new is sent to it; when
what it knows no longer fits the conversation, another one is started and told the conversation from our transcript.

The rooms: ``login`` (is it there?) · ``launch`` (how it is started) · ``process`` (one child process) · ``protocol``
(its lines) · ``bridge`` (our tools on its standard input) · ``reply`` (what an answer's lines mean) · ``failures``
(what went wrong) · ``transcript`` (what it is told) · ``talk`` (a process and what it knows) · ``warm`` (who is kept).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path

from localgpt.core import threads
from localgpt.models.base import EngineEvent, Request
from localgpt.models.claude_cli import launch, login, transcript
from localgpt.models.claude_cli.bridge import Bridge
from localgpt.models.claude_cli.failures import not_installed
from localgpt.models.claude_cli.reply import Reply
from localgpt.models.claude_cli.talk import Patience, Talk
from localgpt.models.claude_cli.warm import Warm

__all__ = ["EXIT", "ClaudeCli", "Patience"]

EXIT = "claude (child process)"
"""What the record of the exits calls it: what it sends on can't be seen."""
WINDOW = 200_000
IDLE_SECONDS = 600.0
MOST_WARM = 4


class ClaudeCli:
    """The engine ``claude-cli/<model>``.

    ``record`` is called with a host and a purpose before a process is started; what it raises keeps the process
    from starting. ``env`` is the environment to choose from (default: ours).
    """

    local = False
    context_window = WINDOW

    def __init__(
        self,
        model: str,
        *,
        record: Callable[[str, str], None],
        command: str = "claude",
        env: Mapping[str, str] | None = None,
        idle_seconds: float = IDLE_SECONDS,
        most_warm: int = MOST_WARM,
        patience: Patience = Patience(),  # noqa: B008 - a frozen value
    ) -> None:
        self.model = model
        self.name = f"claude-cli/{model}"
        self.warm = Warm(most_warm, idle_seconds)
        self._record = record
        self._command = command
        self._env = env
        self._patience = patience

    def takes(self, media_type: str) -> bool:
        """Whether such an attachment may be sent as it is: pictures and PDFs."""
        return media_type == "application/pdf" or media_type.startswith("image/")

    async def aclose(self) -> None:
        """End every process that is kept, and wait until it is gone."""
        await self.warm.aclose()

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        """Answer. Tool calls end the request; the next one of the same conversation brings their results.

        ``max_output_tokens`` is the command's own affair. Raises ``ModelError``; closing the stream stops the answer.
        """
        talk = await self._talk(request)
        reply, finished = Reply(self.name), None
        try:
            await talk.say(request)
            while not reply.ended:
                for event in await talk.hear(reply):
                    yield event
            if reply.error is not None:
                talk.broken = True
                raise reply.error
            finished = talk.finish(request, reply)
        finally:
            await self._leave(talk, request, reply)
        yield finished

    async def _talk(self, request: Request) -> Talk:
        """The process that can answer: the conversation's own if it can go on, else another one."""
        kept = self.warm.take(request.conversation)
        if kept is not None:
            if kept.fits(request):
                return kept
            self.warm.end(kept)
        return await self._start(request)

    async def _start(self, request: Request) -> Talk:
        from localgpt.models.claude_cli.process import Process

        own = dict(os.environ if self._env is None else self._env)
        command = await asyncio.to_thread(login.find, self._command, own)
        if command is None:
            raise not_installed(self._command)
        await threads.done(self._record, EXIT, "model")

        def prepared(folder: Path) -> launch.Launch:
            flags = launch.arguments(self.model, tools=bool(request.tools))
            return launch.Launch(str(command), flags, launch.environment(own, folder))

        process = await Process.start(prepared, Bridge(request.tools))
        return Talk(process, transcript.fingerprint(request.pieces, request.tools), self._patience)

    async def _leave(self, talk: Talk, request: Request, reply: Reply) -> None:
        """Keep the process for the next request, if it can still be used."""
        try:
            if not reply.ended:
                await talk.stop(request, reply)
        except BaseException:
            talk.process.kill()
            talk.broken = True
            raise
        finally:
            if talk.broken:
                self.warm.end(talk)
            else:
                self.warm.keep(request.conversation, talk)
