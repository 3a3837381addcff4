"""The owner's webhook."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.web_server import HERE, Page, WebServer

from localgpt.core.errors import ConfigError, Unreachable
from localgpt.core.outbound import Outbound
from localgpt.scheduler.channels import Message
from localgpt.scheduler.webhook import Webhook, host_of

MESSAGE = Message("message", "t", "text password=hunter2hunter", datetime(2026, 11, 23, tzinfo=UTC))


def test_it_is_posted_as_json_without_secrets_and_recorded_by_its_host():
    recorded: list[dict[str, Any]] = []
    outbound = Outbound(lambda kind, **fields: recorded.append({"kind": kind, **fields}))
    with WebServer({"/hook": Page(b"ok")}).running() as web:
        asyncio.run(Webhook(web.url("/hook?key=abc", HERE), outbound).deliver(MESSAGE))
        (asked,) = web.asked
    assert (asked.method, json.loads(asked.body)["text"]) == ("POST", "text password=[redacted:password]")
    assert [entry["kind"] for entry in recorded] == ["exit.opened", "exit.closed"]
    assert "abc" not in repr(recorded)


def test_who_does_not_take_it_is_told():
    no = Page(b"no", status=500)
    with WebServer({"/hook": no}).running() as web, pytest.raises(Unreachable, match="500"):
        asyncio.run(Webhook(web.url("/hook", HERE), Outbound(lambda *_, **__: None)).deliver(MESSAGE))


@pytest.mark.parametrize("address", ["", "hook", "ftp://a/b", "https://", "http://[x"])
def test_what_is_no_address_is_said_without_repeating_it(address):
    with pytest.raises(ConfigError, match=r"heartbeat\.webhook is no address"):
        host_of(address)
