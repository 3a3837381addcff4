"""Notifications on the desktop, by a program that stands in for the real one."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime

import pytest

from localgpt.core.errors import Unreachable
from localgpt.scheduler.channels import Message
from localgpt.scheduler.desktop import MOST_CHARACTERS, Desktop, command, find

MESSAGE = Message(
    "message", "--help\n\x1b[31m", "<b>5 & 6</b>" + "x" * 500, datetime(2026, 11, 23, tzinfo=UTC)
)


def program(folder, text: str) -> str:
    path = folder / "notify-send"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return str(path)


def test_the_text_is_neither_an_option_nor_markup():
    words = command("/usr/bin/notify-send", MESSAGE)
    assert words[2] == "--"
    assert words[4].startswith("&lt;b&gt;5 &amp; 6")
    assert "\x1b" not in words[3]
    words = command("/usr/bin/osascript", MESSAGE)
    assert words[1] == "-e"
    assert len(words[4]) == MOST_CHARACTERS


def test_it_is_shown(tmp_path):
    shows = program(tmp_path, f"import sys; open({str(tmp_path / 'shown')!r}, 'w').write(sys.argv[-1])")
    asyncio.run(Desktop(shows).deliver(MESSAGE))
    assert (tmp_path / "shown").read_text().startswith("&lt;b&gt;")


def test_a_program_that_fails_is_told(tmp_path):
    with pytest.raises(Unreachable, match="notify-send could not"):
        asyncio.run(Desktop(program(tmp_path, "raise SystemExit(3)")).deliver(MESSAGE))


def test_it_is_found_where_there_is_a_desktop(tmp_path):
    shows = program(tmp_path, "")
    assert find({"PATH": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": "x"}, "linux") == Desktop(shows)
    assert find({"PATH": str(tmp_path)}, "linux") is None
    assert find({"PATH": os.devnull, "DBUS_SESSION_BUS_ADDRESS": "x"}, "linux") is None
    (tmp_path / "bus").touch()
    assert find({"PATH": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}, "linux") == Desktop(shows)
    assert find({"PATH": str(tmp_path)}, "darwin") is None
