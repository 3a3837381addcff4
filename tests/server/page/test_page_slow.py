"""More of the page in a real browser: everything that one does in a chat, and what happens when something breaks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import Server
from tests.server.page.conftest import Open, say
from tests.server.page.judging import judge
from tests.server.page.test_page import REPLY

from localgpt.core.events import TextDelta, ThinkingDelta
from localgpt.core.values import Stop, ToolCall, Usage
from localgpt.models.base import Finished
from localgpt.server.access import Access

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.slow
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def flow(page: Page, text: str) -> None:
    page.locator(".flow", has_text=text).wait_for()


def idle(page: Page) -> None:
    page.get_by_role("button", name="Stop", exact=True).wait_for(state="hidden")
    page.locator(".message.assistant .acts button").last.wait_for(state="attached")


def test_a_citation_opens_the_note_at_its_line(server: Server, open_page: Open) -> None:
    lines = "".join(f"- fact {n}\n" for n in range(1, 60))
    server.note("knowledge/house.md", f"# House\n\n{lines}")
    server.engine.say("It is in the house (knowledge/house.md:40).")
    page = open_page(server)
    say(page, "Where is fact 38?")
    idle(page)
    page.locator(".sources a.chip").click()
    page.locator(".note-panel .cited", has_text="fact 38").wait_for()
    assert page.locator(".note-panel .cited").count() == 1
    assert page.evaluate("document.querySelector('.cited').getBoundingClientRect().top") < 800
    page.keyboard.press("Escape")
    page.locator(".note-panel").wait_for(state="hidden")


def test_what_was_noted_is_taken_back(server: Server, open_page: Open) -> None:
    server.engine.say(ToolCall("1", "remember", {"text": "The bike lock opens with 4711."}), "Noted.")
    page = open_page(server)
    say(page, "Remember the lock")
    idle(page)
    assert "4711" in page.locator(".wrote").inner_text()
    written = next(server.assistant.home.workspace.rglob("memory/*.md"))
    assert "4711" in written.read_text()
    page.locator(".wrote").get_by_role("button").click()
    page.locator(".wrote.undone").wait_for()
    assert not written.exists() or "4711" not in written.read_text()


def test_a_file_is_dropped_and_goes_along(server: Server, open_page: Open) -> None:
    server.engine.say("I have read it.")
    page = open_page(server)
    page.locator(".welcome").wait_for()
    data = page.evaluate_handle(
        """() => { const data = new DataTransfer();
                   data.items.add(new File(['The plan: go north.'], '<img src=x onerror=hit=1>.txt', {type: 'text/plain'})); return data; }"""
    )
    for kind in ("dragenter", "dragover", "drop"):
        page.dispatch_event(".chat-main", kind, {"dataTransfer": data})
    page.locator(".upload.ready").wait_for()
    say(page, "What is the plan?")
    idle(page)
    assert ".txt" in page.locator(".user .attached").inner_text()
    assert page.locator(".upload").count() == 0
    page.reload()
    page.locator(".user .attached").wait_for()
    assert "go north" in str(server.engine.requests[-1])


def test_a_message_is_edited_and_the_reply_asked_for_again(server: Server, open_page: Open) -> None:
    server.engine.say("First.", "Second.", "Third.")
    page = open_page(server)
    say(page, "One questoin")
    idle(page)
    flow(page, "First.")
    page.locator(".message.user").hover()
    page.get_by_role("button", name="Edit and send again").click()
    page.locator(".editing textarea").fill("One question")
    page.locator(".editing textarea").press("Enter")
    flow(page, "Second.")
    idle(page)
    assert page.locator(".message.user").count() == 1
    assert page.locator(".user .said").inner_text() == "One question"
    page.get_by_role("button", name="Answer again").click()
    flow(page, "Third.")
    idle(page)
    assert [text.strip() for text in page.locator(".flow").all_inner_texts()] == ["Third."]


def test_what_is_said_meanwhile_waits_for_its_turn(server: Server, open_page: Open) -> None:
    server.engine.pause = 0.02
    server.engine.say(
        lambda _: [*(TextDelta(f"slow{n} ") for n in range(60)), Finished(Stop.DONE, Usage())], "Quick."
    )
    page = open_page(server)
    try:
        say(page, "The first")
        page.locator(".flow", has_text="slow3").wait_for()
        say(page, "The second")
        page.locator(".queued").wait_for()
        flow(page, "Quick.")
        idle(page)
    finally:
        server.engine.pause = 0.0
    assert page.locator(".user .said").all_inner_texts() == ["The first", "The second"]
    first, second = page.locator(".flow").all_inner_texts()
    assert "slow59" in first
    assert second.strip() == "Quick."


def test_one_goes_on_in_a_copy(server: Server, open_page: Open) -> None:
    server.engine.say("The trunk.", "The branch.")
    page = open_page(server)
    say(page, "A tree")
    idle(page)
    before = page.url
    page.get_by_role("button", name="Go on in a copy from here").click()
    page.wait_for_url(lambda url: url != before)
    flow(page, "The trunk.")
    say(page, "Grow")
    flow(page, "The branch.")
    idle(page)
    page.goto(before)
    flow(page, "The trunk.")
    assert page.locator(".message.user").count() == 1


def test_thinking_is_folded_and_an_error_says_what_to_do(server: Server, open_page: Open) -> None:
    server.engine.say(
        lambda _: [
            ThinkingDelta("Hm, let me see. "),
            TextDelta("Seen."),
            Finished(Stop.DONE, Usage(10, 5, cost_usd=0.5)),
        ]
    )
    page = open_page(server)
    say(page, "Think")
    idle(page)
    fold = page.locator(".thinking")
    assert fold.get_attribute("open") is None
    assert "Hm, let me see." in (fold.text_content() or "")
    assert "$0.5" in page.locator(".context-bar").inner_text()
    page.locator(".context-bar").click()
    page.get_by_role("heading", name="What the model was given").wait_for()
    page.keyboard.press("Escape")
    server.engine.say(OSError("the model's machine is on fire"))
    say(page, "Fail")
    page.locator(".message.assistant .notice.error").wait_for()


def test_drafts_survive_and_chats_are_found_renamed_and_deleted(server: Server, open_page: Open) -> None:
    server.engine.say("A pelican.")
    page = open_page(server)
    say(page, "Which bird has a pouch?")
    idle(page)
    page.locator(".words").fill("half a thou")
    page.reload()
    page.locator(".message").first.wait_for()
    assert page.locator(".words").input_value() == "half a thou"
    page.locator(".sessions input").fill("pelican")
    page.locator(".hit mark").first.wait_for()
    page.locator(".sessions input").fill("")
    one = page.locator(".session", has_text="Which bird").first
    one.hover()
    one.get_by_role("button").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.locator("dialog input").fill("<b>Birds</b>")
    page.keyboard.press("Enter")
    page.locator(".session", has_text="<b>Birds</b>").wait_for()
    one = page.locator(".session", has_text="<b>Birds</b>")
    one.hover()
    one.get_by_role("button").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    page.locator(".welcome").wait_for()
    page.locator(".session", has_text="Birds").wait_for(state="detached")


def test_slash_commands_are_completed_and_run(server: Server, open_page: Open) -> None:
    page = open_page(server)
    page.locator(".welcome").wait_for()
    page.locator(".words").press_sequentially("/stat")
    page.locator(".completion-item", has_text="/status").wait_for()
    page.keyboard.press("Tab")
    assert page.locator(".words").input_value() == "/status"
    page.keyboard.press("Enter")
    page.locator(".message.slash").wait_for()
    say(page, "/nonsense")
    page.locator(".notice.error", has_text="/nonsense").wait_for()


def test_what_was_done_unasked_is_told_wherever_one_is(server: Server, open_page: Open) -> None:
    page = open_page(server)
    page.locator(".welcome").wait_for()
    page.wait_for_timeout(500)
    tell = server.served.feed.publish
    server.loop.call_soon_threadsafe(lambda: tell("inbox", title="<b>The report</b>", text="It is done."))
    page.locator(".toast", has_text="<b>The report</b>").get_by_role("button", name="Open").click()
    page.wait_for_url("**/#/tasks")


def test_the_first_words_to_a_model_elsewhere_wait_for_a_yes(server: Server, open_page: Open) -> None:
    far = {"name": "far/away", "provider": "far", "local": False, "available": True, "agreed": False}
    asked: list[object] = []
    page = open_page(server)
    page.route("**/api/models", lambda route: route.fulfill(json={"current": "far/away", "models": [far]}))

    def tried(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(json={"ok": True})

    page.route("**/api/models/test", tried)
    page.reload()
    page.locator(".model", has_text="away").wait_for()
    say(page, "Something private")
    page.get_by_role("alertdialog").get_by_role("button", name="Cancel").click()
    page.wait_for_function("document.querySelector('.words').value === 'Something private'")
    assert page.locator(".message").count() == 0
    server.engine.say("From far away.")
    page.locator(".words").press("Enter")
    page.get_by_role("alertdialog").get_by_role("button", name="Use it").click()
    flow(page, "From far away.")
    assert asked == [{"model": "far/away", "agree": True}]


def test_a_temporary_chat_is_in_no_list(server: Server, open_page: Open) -> None:
    server.engine.say("Psst.")
    page = open_page(server)
    page.get_by_role("button", name="Temporary chat").click()
    page.locator(".temporary").wait_for()
    say(page, "A secret between us")
    idle(page)
    flow(page, "Psst.")
    assert page.locator(".session", has_text="A secret").count() == 0


def test_a_long_conversation_is_read_from_its_end(server: Server, open_page: Open) -> None:
    session = server.assistant.sessions.new()
    spoken = [
        (role, f"{word} {n}")
        for n in range(2000)
        for role, word in (("user", "question"), ("assistant", "answer"))
    ]
    session.copy(
        {
            "type": "message",
            "message": {
                "role": role,
                "content": [{"type": "text", "text": text}],
                "timestamp": 1_795_000_000_000,
            },
        }
        for role, text in spoken
    )
    page = open_page(server, f"#/chat/{session.id}")
    flow(page, "answer 1999")
    assert page.locator(".message").count() < 200
    page.locator(".scroller").evaluate("node => node.scrollTo(0, 0)")
    page.locator(".flow", has_text="answer 1950").wait_for(state="attached")


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[Killable]:
    found = Killable(tmp_path / "home")
    yield found
    found.kill()


class Killable:
    """A server that is killed without a warning, and started again at the same address."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.process: subprocess.Popen[str] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.server.page.killable", str(self.home), str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == str(self.port)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None


def test_the_page_comes_back_after_its_server_was_killed(killable: Killable, browser: Browser) -> None:
    access = Access(killable.home / "state")
    cookie, key = access.begin()
    context = browser.new_context(locale="en-GB")
    context.add_cookies([{"name": f"localgpt-{killable.port}", "value": cookie, "url": killable.url}])
    context.add_init_script(f"localStorage.setItem('localgpt.key', {key!r})")
    page = context.new_page()
    page.goto(killable.url)
    say(page, "Tell me a long story")
    page.locator(".flow", has_text="word20").wait_for()
    killable.kill()
    page.get_by_text("Connection lost, trying again").first.wait_for()
    assert "word20" in page.locator(".flow").inner_text()
    killable.start()
    page.get_by_text("Connected again").wait_for()
    idle(page)
    assert page.locator(".user .said").all_inner_texts() == ["Tell me a long story"]
    page.locator(".flow .notice", has_text="Interrupted").wait_for()
    say(page, "And another")
    page.locator(".flow", has_text="word399").wait_for()
    context.close()


@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "dark"}, {"color_scheme": "light", **PHONE}, {"color_scheme": "dark", **PHONE}],
)
def test_axe_finds_nothing_in_any_look(server: Server, open_page: Open, options: dict[str, object]) -> None:
    server.note("knowledge/colours.md", "# Colours\n\n- blue\n")
    server.engine.say(
        ToolCall("1", "remember", {"text": "The door is blue."}),
        REPLY + "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nSee knowledge/colours.md:3 and gone.md:7.",
    )
    page = open_page(server, **options)
    page.locator(".welcome").wait_for()
    assert judge(page) == []
    say(page, "Judge this")
    idle(page)
    for fold in page.locator(".fold > summary").all():
        fold.click()
    assert judge(page) == []
    page.locator(".sources a").first.click()
    page.locator(".note-panel .cited").wait_for()
    assert judge(page) == []
    page.keyboard.press("Escape")
    page.locator(".context-bar").click()
    assert judge(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.locator(".palette-item").first.wait_for()
    assert judge(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Look and language").click()
    assert judge(page) == []
