"""A browser in front of a real server: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.conftest import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[..., "Page"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WAIT = 15_000
"""Milliseconds that a busy machine may take for anything."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module. It ends with it: Playwright's loop would be in the way of other tests."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("There is no Chromium here: apt-get install chromium")
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """``open_page(server, "#/chat", key=True, **context)``: a browser of its own that is logged in, at the page.

    Whatever goes wrong in the page's scripts, or breaks its Content-Security-Policy, fails the test.
    """
    contexts, wrong = [], []

    def opened(server: Server, address: str = "", *, logged_in: bool = True, **options: Any) -> Page:
        context = browser.new_context(
            **{"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **options}
        )
        contexts.append(context)
        context.set_default_timeout(WAIT)
        if logged_in:
            cookie, key = server.served.access.begin()
            context.add_cookies([{"name": server.served.access.cookie, "value": cookie, "url": server.url}])
            context.add_init_script(f"localStorage.setItem('localgpt.key', {key!r})")
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if is_wrong(message.text) else None)
        page.goto(f"{server.url}/{address}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == [], "\n".join(wrong)


def is_wrong(text: str) -> bool:
    """Whether a line of the browser's console says that a script broke or that the policy was violated."""
    return "Content Security Policy" in text or "Uncaught" in text or "TypeError" in text


def say(page: Page, text: str) -> None:
    """Type into the field and send, as a person does."""
    page.locator(".words").fill(text)
    page.locator(".words").press("Enter")
