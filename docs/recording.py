"""Record the terminal of the README: run the commands for real in an empty home, and draw what came as SVG.

    PYTHONPATH=src python docs/recording.py

writes ``docs/pictures/terminal.svg``. Nothing is made up: each line is what the command printed on a terminal.
"""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

TARGET = Path(__file__).parent / "pictures" / "terminal.svg"
WIDTH = 96
THEME = TerminalTheme(
    (30, 28, 26),
    (236, 230, 222),
    [
        (60, 56, 52),
        (224, 108, 92),
        (152, 187, 108),
        (229, 181, 103),
        (120, 160, 214),
        (190, 140, 200),
        (110, 184, 178),
        (200, 194, 186),
    ],
)
COMMANDS = (
    'remember "The dentist is Dr. Okafor, Harbour Street 9. Next: 3 March, 10:30."',
    'remember --to knowledge/boiler.md "The boiler wants 1.5 bar; its valve is by the door."',
    'ask "When do I have to be at the dentist?"',
    'search "pressure of the heating" --limit 1 --explain',
    "history --limit 2",
    "undo --yes",
)
_CONTROL = re.compile(r"\x1b\][^\x07]*\x07|\x1b\[\?[0-9;]*[hl]|[^\n]*\r\x1b\[2K")
"""What draws nothing that stays: titles, modes, and a line that was erased again."""


def recorded(command: str, home: str) -> str:
    """What ``localgpt COMMAND`` prints on a terminal of our width."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "LOCALGPT_HOME": home, "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
    words = [sys.executable, "-m", "localgpt", *shlex.split(command)]
    child = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=environ)
    os.close(theirs)
    printed = bytearray()
    with contextlib.suppress(OSError):  # a terminal whose other end has closed ends so
        while part := os.read(ours, 65536):
            printed += part
    os.close(ours)
    child.wait()
    return _CONTROL.sub("", printed.decode().replace("\r\n", "\n"))


def main() -> None:
    """Run everything and write the picture."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    with tempfile.TemporaryDirectory() as home:
        for command in COMMANDS:
            console.print(Text.assemble(("$ ", "dim"), (f"localgpt {command}", "bold")))
            console.print(Text.from_ansi(recorded(command, home).rstrip("\n")))
            console.print()
    svg = console.export_svg(title="localgpt", theme=THEME)
    svg = re.sub(
        r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL
    )  # a picture of ours loads nothing from elsewhere
    TARGET.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
