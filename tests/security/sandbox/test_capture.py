from __future__ import annotations

import os

from localgpt.security.sandbox.capture import Capture


def test_both_streams_are_read_to_their_ends_and_cut_at_the_limit():
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    os.write(out_end, b"a" * 50 + b"b" * 300)
    os.write(err_end, b"short")
    os.close(out_end)
    os.close(err_end)
    capture = Capture({"out": out, "err": err}, 64, lambda: None)
    assert capture.run(5)
    assert (capture.bytes_of("out"), capture.cut("out")) == (
        b"a" * 32 + b"\n[... something is missing here ...]\n" + b"b" * 32,
        True,
    )
    assert (capture.bytes_of("err"), capture.cut("err")) == (b"short", False)
    capture.close()
    os.close(out)
    os.close(err)


def test_a_flood_is_told_once_and_a_silent_pipe_times_out():
    reading, writing = os.pipe()
    floods = []
    capture = Capture({"out": reading}, 1000, lambda: floods.append(1))
    os.write(writing, b"x" * 20_000)
    assert not capture.run(0.05)
    os.write(writing, b"x" * 20_000)
    assert not capture.run(0.05)
    assert floods == [1]
    capture.close()
    os.close(reading)
    os.close(writing)
