"""Notifications on the desktop, by the program that is there for it (``notify-send``, ``osascript``)."""

from __future__ import annotations

import asyncio
import html
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localgpt.core.errors import Unreachable
from localgpt.scheduler.channels import Message
from localgpt.security.content import visible

MOST_CHARACTERS = 400
_SCRIPT = "on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run"


@dataclass(frozen=True, slots=True)
class Desktop:
    """The owner's desktop; ``program`` is what shows the notification."""

    program: str
    name: str = "desktop"

    async def deliver(self, message: Message) -> None:
        """Show it. Raises ``Unreachable`` if the program could not."""
        process = await asyncio.create_subprocess_exec(
            *command(self.program, message),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(10):
                code = await process.wait()
        except BaseException:
            if process.returncode is None:
                process.kill()
                await process.wait()
            raise
        if code:
            raise Unreachable(f"{Path(self.program).name} could not show a notification ({code}).")


def command(program: str, message: Message) -> list[str]:
    """The program with its arguments: the text as it is, and never read as an option or as markup."""
    title, text = " ".join(visible(message.title).split())[:100], visible(message.text).strip()
    text = text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
    if Path(program).stem == "osascript":
        return [program, "-e", _SCRIPT, title, text]
    return [program, "--app-name=LocalGPT", "--", title, html.escape(text, quote=False)]


def find(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Desktop | None:
    """The desktop, where there is one and a program that reaches it."""
    if platform == "darwin":
        program = shutil.which("osascript", path=environ.get("PATH"))
    elif environ.get("DBUS_SESSION_BUS_ADDRESS") or _has_bus(environ.get("XDG_RUNTIME_DIR", "")):
        program = shutil.which("notify-send", path=environ.get("PATH"))
    else:
        program = None
    return Desktop(program) if program else None


def _has_bus(runtime: str) -> bool:
    return bool(runtime) and (Path(runtime) / "bus").exists()
