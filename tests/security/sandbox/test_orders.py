from __future__ import annotations

import os

import pytest

from localgpt.security.sandbox import orders
from localgpt.security.sandbox.plan import Plan


def test_orders_come_through_a_pipe_as_they_were():
    told = Plan(("echo", "\udcff" * 3, "ü"), "/work", writable=("/work",)).orders("full", "/tmp/x")
    reading, writing = os.pipe()
    os.write(writing, told.to_bytes() + b"more")
    got = orders.read(reading)
    assert {name: getattr(got, name) for name in got.__slots__} == {
        name: getattr(told, name) for name in got.__slots__
    }
    assert os.read(reading, 10) == b"more"
    os.close(writing)
    with pytest.raises(EOFError):
        orders.read(reading)
    os.close(reading)
