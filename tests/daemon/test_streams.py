"""The caller's terminal or pipe, from the daemon."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localgpt.daemon import streams
from localgpt.daemon.interruption import Interruption
from localgpt.daemon.request import Stream
from localgpt.daemon.streams import Outlet

UTF8 = Stream("utf-8", "strict")
LARGE = "x" * 300_000


class Loop:
    """Stands for the daemon's: the thread that is named is its own."""

    def call_soon_threadsafe(self, work: Callable[[], Any]) -> None:
        work()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


def interruption(*, in_loop: bool = False) -> Interruption:
    return Interruption(Loop(), threading.get_ident() if in_loop else 0)  # type: ignore[arg-type]


def whole(reading: int, length: int) -> bytes:
    data = b""
    while len(data) < length:
        data += os.read(reading, 65_536)
    return data


@pytest.mark.parametrize("in_loop", [False, True])
def test_what_is_written_arrives_whole_and_in_order(pipe, in_loop):
    reading, writing = pipe
    outlet = Outlet(interruption(in_loop=in_loop))
    out, err = (streams.writer(writing, UTF8, outlet) for _ in range(2))
    expected = f"ä1\n2{LARGE}3".encode()
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(whole(reading, len(expected))))
    reader.start()
    out.write("ä1\n")
    err.write("2")
    out.write(LARGE)
    err.write("3")
    outlet.drain()
    reader.join(5)
    assert found == [expected]
    outlet.close()


def test_the_loop_waits_for_no_reader(pipe):
    _, writing = pipe
    outlet = Outlet(interruption(in_loop=True))
    begin = time.monotonic()
    streams.writer(writing, UTF8, outlet).write(LARGE)
    assert time.monotonic() - begin < 1
    outlet.close()


@pytest.mark.parametrize("in_loop", [False, True])
def test_a_reader_that_went_away_is_told_of(pipe, in_loop):
    reading, writing = pipe
    os.close(reading)
    outlet = Outlet(interruption(in_loop=in_loop))
    out = streams.writer(writing, UTF8, outlet)

    def write_on() -> None:
        for _ in range(200):
            out.write("x")
            time.sleep(0.005)

    with pytest.raises(BrokenPipeError):
        write_on()
    outlet.close()


def test_a_caller_that_gives_up_ends_the_waiting_for_its_reader(pipe):
    _, writing = pipe
    stopping = interruption()
    threading.Timer(0.05, stopping.interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        streams.writer(writing, UTF8, Outlet(stopping)).write(LARGE)


def test_standard_input_is_read_to_its_end(pipe):
    reading, writing = pipe
    os.write(writing, "Grüße\nzwei".encode())
    os.close(writing)
    source = streams.reader(reading, UTF8, interruption())
    assert source.buffer.read(3) == b"Gr\xc3"
    assert source.buffer.read() == "üße\nzwei".encode()[1:]


def test_files_and_terminals_are_known(tmp_path: Path):
    with (tmp_path / "file").open("wb") as file:
        out = streams.writer(file.fileno(), UTF8, Outlet(interruption()))
        assert not out.isatty()
        out.write("kept")
    assert (tmp_path / "file").read_text() == "kept"
    leader, follower = os.openpty()
    assert streams.writer(follower, UTF8, Outlet(interruption())).isatty()
    assert streams.reader(follower, UTF8, interruption()).isatty()
    os.close(leader)
    os.close(follower)
