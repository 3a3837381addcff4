"""Questions about calls in a real browser: in the chat, above the page, in several tabs; the stop, and the permissions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.app.test_question import question
from tests.server.conftest import Server, running
from tests.server.page.conftest import Open, say
from tests.server.page.judging import judge

from localgpt.core.events import TextDelta
from localgpt.core.values import Choice, Effect, EffectKind, Stop, ToolCall, Usage
from localgpt.models.base import Finished

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

WEB = Path(__file__).resolve().parents[3] / "src/localgpt/server/web"
SECRET = "The answer is 4711."
LOOKS = "window.hit === undefined && document.querySelectorAll('img[src=x]').length === 0"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over a workspace with a file that is never read unasked."""
    with running(tmp_path_factory.mktemp("home")) as started:
        started.note(".env", SECRET)
        yield started


def wants(server: Server, path: str = ".env", then: str = "That was it.") -> None:
    """The model will want to read a file that it has to ask about."""
    server.engine.say(ToolCall("1", "read_file", {"path": path}), then)


def asked(page: Page) -> Locator:
    """The card that waits, old enough to be answered."""
    card = page.locator(".flow .approval:not(.answered)")
    card.wait_for()
    page.wait_for_timeout(600)
    return card


def press(card: Locator, name: str) -> None:
    card.get_by_role("button", name=name, exact=True).click()


def ended(page: Page, text: str = "That was it.") -> None:
    page.locator(".flow", has_text=text).wait_for()


def told(server: Server) -> str:
    """What the model was given last."""
    return str(server.engine.requests[-1])


def test_a_yes_runs_exactly_what_is_shown_and_stays_readable(server: Server, open_page: Open) -> None:
    wants(server)
    page = open_page(server)
    say(page, "Look into it")
    card = asked(page)
    assert card.locator(".ask-call").inner_text() == "read_file\n  path: .env"
    assert "may hold keys" in card.inner_text()
    assert page.evaluate("document.activeElement.textContent") == "May this run?"
    assert judge(page) == []
    press(card, "Once")
    ended(page)
    assert SECRET in told(server)
    over = page.locator(".flow .approval.answered")
    over.get_by_text("Allowed once · on the page").wait_for()
    assert over.evaluate("node => node.previousElementSibling.matches('details.tool')")
    server.engine.say("Good.")
    say(page, "Thank you")
    ended(page, "Good.")
    page.wait_for_timeout(300)
    assert page.locator(".flow .approval.answered").count() == 1


def test_a_no_with_a_word_tells_the_model(server: Server, open_page: Open) -> None:
    wants(server, then="Then I ask you.")
    page = open_page(server)
    say(page, "Look into it")
    card = asked(page)
    press(card, "No, and say…")
    card.get_by_label("What shall it be told?").fill("ask me instead")
    card.get_by_label("What shall it be told?").press("Enter")
    ended(page, "Then I ask you.")
    assert "ask me instead" in told(server)
    assert SECRET not in told(server)


def test_tabs_are_in_step_and_the_bar_answers_too(server: Server, open_page: Open) -> None:
    wants(server)
    first = open_page(server)
    elsewhere = open_page(server, "#/settings")
    elsewhere.locator("h1").wait_for()
    say(first, "Look into it")
    asked(first)
    second = open_page(server, first.url.partition("/#")[2].join(["#", ""]))
    asked(second)
    assert first.locator("#bar").is_hidden()
    assert second.locator("#bar").is_hidden()
    elsewhere.locator("#bar").get_by_role("button", name="Show").click()
    card = elsewhere.locator("#bar .approval")
    card.wait_for()
    assert judge(elsewhere) == []
    elsewhere.wait_for_timeout(600)
    press(card, "No")
    for page in (first, second):
        page.locator(".flow .approval.answered", has_text="Not allowed").wait_for()
        ended(page)
    elsewhere.locator("#bar").wait_for(state="hidden")


@pytest.mark.slow
def test_after_a_reload_the_question_is_there_and_keys_answer_it(server: Server, open_page: Open) -> None:
    wants(server)
    page = open_page(server)
    say(page, "Look into it")
    asked(page)
    page.reload()
    card = asked(page)
    page.keyboard.press("Enter")  # on the heading no key answers
    assert card.locator("button").count() > 1
    card.locator("h2").focus()
    for _ in range(2):
        page.keyboard.press("Tab")  # over the call itself
    assert page.evaluate("document.activeElement.textContent") == "Once"
    page.keyboard.press("Enter")
    ended(page)
    assert SECRET in told(server)


@pytest.mark.slow
def test_nobody_is_torn_from_writing(server: Server, open_page: Open) -> None:
    wants(server)
    page = open_page(server)
    say(page, "Look into it")
    page.locator(".words").type("meanwhile I write")
    card = asked(page)
    assert page.evaluate("document.activeElement.className").startswith("words")
    assert page.locator(".words").input_value() == "meanwhile I write"
    assert "May this run?" in card.inner_text()
    press(card, "No")
    ended(page)


@pytest.mark.slow
def test_a_click_that_was_meant_for_something_else_answers_nothing(server: Server, open_page: Open) -> None:
    wants(server)
    page = open_page(server)
    say(page, "Look into it")
    page.locator(".flow .approval").wait_for()
    page.evaluate("document.querySelector('.flow .approval button').click()")
    card = asked(page)
    assert card.locator("button:disabled").count() == 0
    press(card, "No")
    ended(page)
    assert SECRET not in told(server)


@pytest.mark.slow
def test_hostile_text_in_a_call_is_only_text(server: Server, open_page: Open) -> None:
    wants(server, "<img src=x onerror=hit=1>\u202etxt\u200b/.env")
    page = open_page(server, locale="de-DE")
    say(page, "Look into it")
    card = asked(page)
    assert "Darf das laufen?" in card.inner_text()
    shown = card.locator(".ask-call").inner_text()
    assert "<img src=x onerror=hit=1>" in shown
    assert "u{202e}txt" in shown
    assert not re.search("[\u202e\u200b]", card.inner_text())
    assert page.evaluate(LOOKS)
    press(card, "Nein")
    ended(page)


@pytest.mark.slow
def test_a_question_of_another_process_stands_above_every_part(server: Server, open_page: Open) -> None:
    later = replace(
        question(Effect(EffectKind.RUNS, "make")),
        id="other1",
        door="terminal",
        expires="2099-01-01T00:00:00+00:00",
    )

    page = open_page(server, "#/activity")
    page.locator("h1").wait_for()
    waiting = asyncio.run_coroutine_threadsafe(server.assistant.approvals.ask(later), server.loop)
    page.locator("#bar", has_text="shell waits for your word in a terminal").wait_for()
    server.api.post("/api/approvals/other1", json={"choice": "no"})
    page.locator("#bar").wait_for(state="hidden")
    assert waiting.result(5).choice is Choice.NO


@pytest.mark.slow
def test_who_leaves_the_chat_of_a_question_sees_it_above_the_other_part(
    server: Server, open_page: Open
) -> None:
    wants(server)
    page = open_page(server)
    say(page, "Look again")
    asked(page)
    bar = page.locator("#bar .bar-part")
    assert bar.count() == 0
    page.evaluate("location.hash = '#/memory'")
    bar.wait_for()
    page.go_back()
    bar.wait_for(state="detached")
    press(asked(page), "No")
    ended(page)


def test_a_card_whose_turn_is_gone_can_not_be_answered(server: Server, open_page: Open) -> None:
    wants(server)
    page = open_page(server)
    say(page, "Look into it")
    card = asked(page)
    page.wait_for_timeout(3000)
    (waiting,) = server.assistant.approvals.open()
    page.route("**/api/approvals", lambda route: route.fulfill(json={"approvals": []}))
    page.evaluate("dispatchEvent(new Event('asking'))")
    page.locator(".flow .approval", has_text="Nobody waits for this any more").wait_for()
    assert page.locator(".flow .approval button").count() == 0
    server.api.post(f"/api/approvals/{waiting.id}", json={"choice": "no"})
    ended(page)
    page.locator(".flow .approval", has_text="Not allowed").wait_for()
    assert card.count() == 0


@pytest.mark.slow
def test_one_click_stops_everything_and_another_lets_it_run(server: Server, open_page: Open) -> None:
    server.engine.say(lambda _request: [TextDelta("Never said."), Finished(Stop.DONE, Usage(1, 1))])
    page, other = open_page(server), open_page(server, "#/settings")
    other.locator("h1").wait_for()
    page.get_by_role("button", name="Freeze everything").click()
    for one in (page, other):
        one.locator("#bar .stopped", has_text="Everything is frozen").wait_for()
    assert judge(page) == []
    say(page, "Are you there?")
    page.locator(".notice", has_text="frozen").first.wait_for()
    page.wait_for_timeout(1000)  # what is on disk was read again
    assert page.locator(".notice", has_text="frozen").is_visible()
    assert page.locator("textarea").first.input_value() == "Are you there?"
    page.reload()
    page.locator("#bar").get_by_role("button", name="Thaw").click()
    for one in (page, other):
        one.locator("#bar").wait_for(state="hidden")
    say(page, "And now?")
    ended(page, "Never said.")


@pytest.mark.slow
def test_the_mode_and_the_grants_are_in_the_settings(server: Server, open_page: Open) -> None:
    effect = Effect(EffectKind.RUNS, "make <b>test</b>", walled=True)
    server.assistant.grants.remember(replace(question(effect), choices=tuple(Choice)), Choice.ALWAYS)
    page = open_page(server, "#/settings/permissions")
    page.get_by_label("Read only").check()
    page.get_by_text("Mode: Read only").wait_for()
    assert judge(page) == []
    settings = {one["key"]: one["value"] for one in server.api.get("/api/settings").json()["settings"]}
    assert settings["security.mode"] == "read-only"
    page.get_by_label("Ask", exact=True).check()
    page.get_by_text("make <b>test</b>").wait_for()
    page.get_by_role("button", name=re.compile("Take back: shell")).click()
    page.get_by_text("Nothing is allowed for longer than once.").wait_for()
    assert server.api.get("/api/grants").json()["grants"] == []


@pytest.mark.parametrize("file", ["asking/words.js", "settings/permissions.js"])
def test_both_languages_have_the_same_words(file: str) -> None:
    _, english, german = re.split(r"^  (?:en|de): \{$", (WEB / "js" / file).read_text(), flags=re.MULTILINE)
    names = [re.findall(r'"([\w.-]+)": "', text) for text in (english, german)]
    assert len(names[0]) > 20
    assert names[0] == names[1]
