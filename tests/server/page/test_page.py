"""The page in a real browser, in front of a real server: what must hold at every change. More in test_page_slow.py."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.server.conftest import Server
from tests.server.page.conftest import Open, say
from tests.server.page.judging import judge

import localgpt.server
from localgpt.core.events import TextDelta
from localgpt.core.values import Stop, ToolCall, Usage
from localgpt.models.base import Finished

if TYPE_CHECKING:
    from playwright.sync_api import Page

WEB = Path(localgpt.server.__file__).parent / "web"
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\'"><svg onload=window.hit=1>'
REPLY = "Two things:\n\n- the **blue** door\n- the cellar\n\n```python\nkey = 1\n```\n\nThat is all."


def last_reply(page: Page) -> str:
    page.locator(".message.assistant .acts button").last.wait_for(state="attached")
    return page.locator(".message.assistant .flow").last.inner_text()


def test_a_reply_streams_and_is_rendered_and_its_code_can_be_copied(server: Server, open_page: Open) -> None:
    server.engine.say(REPLY)
    page = open_page(server, permissions=["clipboard-read", "clipboard-write"])
    page.locator(".welcome h1").wait_for()
    say(page, "What is there?")
    assert "the blue door" in last_reply(page)
    assert page.locator(".message.assistant li strong").inner_text() == "blue"
    assert page.locator(".message.user .said").inner_text() == "What is there?"
    assert page.locator(".session [aria-current=page]").inner_text().startswith("What is there?")
    page.locator(".code").hover()
    page.get_by_role("button", name="Copy code").click()
    assert page.evaluate("navigator.clipboard.readText()") == "key = 1\n"
    assert re.search(r"#/chat/\w", page.url)
    assert page.title() == "What is there? · LocalGPT"


def test_text_of_others_stays_text(server: Server, open_page: Open) -> None:
    server.note("memory/evil.md", f"# {HOSTILE}\n\n{HOSTILE}\n[x](javascript:window.hit=1)\n")
    server.engine.say(
        ToolCall("1", "read_file", {"path": "memory/evil.md", "note": HOSTILE}),
        f"{HOSTILE}\n\n[click](javascript:window.hit=1) ![x](http://127.0.0.1:1/x.png)\n\n`{HOSTILE}`",
    )
    page = open_page(server)
    say(page, f"Look at {HOSTILE}")
    last_reply(page)
    page.locator(".fold > summary").first.click()
    assert "onerror" in page.locator(".fold-body").first.inner_text()
    page.goto(f"{page.url}")
    page.locator(".message.assistant").wait_for()
    page.locator(".session > a").first.wait_for()
    assert page.evaluate("window.hit") is None
    assert page.locator(".log script, .log [onerror], .log [onload], .log a[href^=javascript]").count() == 0
    assert page.locator(".log img[src^=http]").count() == 0


def test_two_tabs_in_one_conversation_stay_in_step(server: Server, open_page: Open) -> None:
    server.engine.say("The first answer.")
    one = open_page(server)
    say(one, "From the first tab")
    last_reply(one)
    two = open_page(server, one.url.removeprefix(server.url + "/"))
    two.locator(".flow", has_text="The first answer.").wait_for()
    server.engine.say("The second answer.")
    say(two, "From the second tab")
    one.locator(".user .said", has_text="From the second tab").wait_for()
    one.locator(".flow", has_text="The second answer.").wait_for()
    assert one.locator(".message.assistant").count() == 2


def test_a_reply_can_be_stopped_and_what_came_stays(server: Server, open_page: Open) -> None:
    server.engine.say(
        lambda _: [*(TextDelta(f"word{n} ") for n in range(3000)), Finished(Stop.DONE, Usage())]
    )
    server.engine.pause = 0.02
    page = open_page(server)
    try:
        say(page, "Tell me a long story")
        page.locator(".flow", has_text="word3").wait_for()
        page.locator(".words").press("Escape")
        page.get_by_role("button", name="Stop").wait_for(state="hidden")
    finally:
        server.engine.pause = 0.0
    page.locator(".message.assistant .notice").wait_for()
    said = page.locator(".message.assistant .flow").last.inner_text()
    assert "word3" in said
    assert "word2999" not in said


def test_it_speaks_german_where_the_browser_does_and_where_it_is_told_to(
    server: Server, open_page: Open
) -> None:
    page = open_page(server, locale="de-AT")
    page.get_by_placeholder("Sag etwas, oder tippe / für Befehle").wait_for()
    assert page.evaluate("document.documentElement.lang") == "de"
    page.get_by_role("button", name="Aussehen und Sprache").click()
    page.get_by_role("menuitemradio", name="English").click()
    page.get_by_placeholder("Say something, or type / for commands").wait_for()


def test_everything_can_be_reached_without_a_mouse(server: Server, open_page: Open) -> None:
    server.engine.say("Typed, not clicked.")
    page = open_page(server)
    page.locator(".welcome").wait_for()
    page.locator("#skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.locator(".words").focus()
    page.keyboard.type("One")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Two")
    page.keyboard.press("Enter")
    last_reply(page)
    assert page.locator(".message.user .said").inner_text() == "One\nTwo"
    page.keyboard.press("Control+k")
    page.locator(".palette-input").wait_for()
    page.keyboard.type("new chat")
    page.keyboard.press("Enter")
    page.locator(".welcome").wait_for()
    page.locator(".sessions-list a").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator(".flow", has_text="Typed, not clicked.").wait_for()


def test_somebody_without_a_key_is_told_what_to_do_and_sees_nothing(server: Server, open_page: Open) -> None:
    page = open_page(server, logged_in=False)
    page.get_by_text("localgpt open").wait_for()
    assert page.locator(".sessions, .words").count() == 0


def test_axe_finds_nothing_in_a_chat(server: Server, open_page: Open) -> None:
    server.engine.say(ToolCall("1", "memory_search", {"query": "door"}), REPLY)
    page = open_page(server)
    say(page, "Judge this")
    last_reply(page)
    assert judge(page) == []


def test_both_languages_have_the_same_words(server: Server, open_page: Open) -> None:
    page = open_page(server, logged_in=False)
    names = "async name => Object.keys((await import(`/ui/js/words/${name}.js`)).default)"
    english, german = page.evaluate(names, "en"), page.evaluate(names, "de")
    assert english == german


def test_what_a_chat_loads_is_small(server: Server, open_page: Open) -> None:
    page = open_page(server)
    page.locator(".welcome").wait_for()
    loaded = "performance.getEntries().filter(e => e.decodedBodySize && !e.name.includes('/api/')).map(e => [e.name, e.decodedBodySize])"
    sizes = dict(page.evaluate(loaded))
    assert len(sizes) > 20
    assert sum(sizes.values()) < 150_000, sizes


def test_all_of_it_is_small_when_it_is_packed() -> None:
    assert sum(len(gzip.compress(path.read_bytes())) for path in WEB.rglob("*.*")) < 150_000


def test_nothing_comes_from_outside() -> None:
    files = [path for path in WEB.rglob("*") if path.is_file()]
    assert {"index.html", "icons.svg"} <= {path.name for path in files}
    outside = re.compile(r"""(?:src|href|url|from|import)[=(\s]*["'(]?(?:https?:)?//""")
    for path in files:
        assert not outside.search(path.read_text()), f"{path.name} takes something from outside"
