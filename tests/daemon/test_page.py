"""The page's server as a part of the daemon."""

from __future__ import annotations

import asyncio
import os
import urllib.request
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from tests.support.daemon import settled

from localgpt.app.turns import Turns
from localgpt.core.errors import UsageError
from localgpt.daemon.holder import Holder
from localgpt.daemon.page import Page
from localgpt.scheduler.channels import Message


def with_page(home, work: Callable[[Page], Awaitable[None]]) -> None:
    async def whole() -> None:
        page = Page(Holder(home).page, Turns(), datetime.now(UTC))
        task = asyncio.create_task(page.run())
        await asyncio.wait_for(page.tried.wait(), 20)
        try:
            await work(page)
        finally:
            task.cancel()
            await asyncio.wait([task])
        assert page.address == ""

    asyncio.run(whole())


def health(address: str) -> str:
    with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
        return str(answer.read().decode())


def test_it_serves_as_the_settings_say_and_anew_when_they_change(home):
    settled(home)

    async def work(page: Page) -> None:
        first = page.address
        assert await asyncio.to_thread(health, first) == "OK"
        home.config.write_text("[server]\nport = 0\nrequests_per_minute = 77\n")
        os.utime(home.config, ns=(1, 1))
        page.renew()
        while page.address in {"", first}:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
        assert await asyncio.to_thread(health, page.address) == "OK"
        page.publish("note", path="a.md")
        await page.deliver(Message("message", "Hello", "there", datetime.now(UTC)))
        home.config.write_text("[server]\nenabled = false\n")
        os.utime(home.config, ns=(1, 2))
        page.renew()
        while page.address:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)

    with_page(home, work)


def test_switched_off_it_serves_nothing(home):
    settled(home)
    home.config.write_text("[server]\nenabled = false\n")

    async def work(page: Page) -> None:
        assert (page.address, page.port) == ("", 0)
        page.publish("note", path="a.md")

    with_page(home, work)


def test_a_port_in_use_is_told(home):
    settled(home)

    async def work(page: Page) -> None:
        home.config.write_text(f"[server]\nport = {page.port}\n")
        other = Page(Holder(home).page, Turns(), datetime.now(UTC))
        with pytest.raises(UsageError, match=f"Port {page.port} is in use"):
            await other.run()
        assert other.tried.is_set()

    with_page(home, work)
