"""The tasks in a real browser: the heartbeat's file and plan, pausing, what waits in the inbox, background tasks."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import CONFIG, Server, eventually, running
from tests.server.page.conftest import Open
from tests.server.page.judging import judge
from tests.server.page.test_memory_view import HOSTILE, LOOKS

from localgpt.scheduler.inbox import Call, ItemKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose heartbeat is on; nothing runs by itself, for that is the daemon's."""
    with running(tmp_path_factory.mktemp("home"), config=CONFIG + "[heartbeat]\nenabled = true\n") as started:
        yield started


def ask(server: Server, text: str, title: str = "May I note this?", session: str = "") -> str:
    """Put a question into the inbox, as an unattended turn does; its id."""
    today = f"memory/{datetime.now().astimezone():%Y-%m-%d}.md"
    call = Call("remember", {"text": text, "to": "daily"}, (("writes", today),))

    async def put() -> str:
        box = server.assistant._inbox_items
        return box.add(ItemKind.QUESTION, title, "I *need* your word.", call=call, session=session).id

    return server.do(put())


def said(server: Server) -> str:
    return "".join(file.read_text() for file in (server.home / "workspace/memory").glob("*.md"))


def heading(page: Page) -> None:
    page.locator(".beat-state .badge").wait_for()


def test_the_plan_follows_the_file_and_a_pause_stops_it(server: Server, open_page: Open) -> None:
    page = open_page(server, "#/tasks")
    page.locator(".heartbeat .source").wait_for()
    page.locator(".heartbeat .source").fill("# Heartbeat\n\n- [ ] Look at the door\n")
    page.keyboard.press("Control+s")
    item = page.locator(".planned", has_text="Look at the door")
    item.wait_for()
    assert "It never ran." in item.inner_text()
    page.get_by_role("button", name="Pause", exact=True).click()
    page.locator(".beat-state", has_text="Paused").wait_for()
    assert server.api.get("/api/heartbeat/status").json()["paused"] is True
    page.get_by_role("button", name="Resume", exact=True).click()
    page.locator(".beat-state", has_text="Paused").wait_for(state="detached")
    assert server.api.get("/api/heartbeat/status").json()["paused"] is False


def test_an_answer_runs_exactly_the_call_that_is_shown(server: Server, open_page: Open) -> None:
    ask(server, "The door is blue.")
    page = open_page(server, "#/tasks")
    item = page.locator(".item", has_text="The door is blue.")
    item.wait_for()
    assert item.locator(".call").inner_text().split() == "remember text The door is blue. to daily".split()
    item.get_by_role("button", name="Allow", exact=True).click()
    page.get_by_text("Allowed, and done").wait_for()
    item.wait_for(state="detached")
    assert "The door is blue." in said(server)


@pytest.mark.slow
def test_what_is_not_allowed_does_not_run_and_a_reply_goes_along(server: Server, open_page: Open) -> None:
    ask(server, "The door is green.", "Green?")
    ask(server, "The door is yellow.", "Yellow?", server.assistant.sessions.new().id)
    page = open_page(server, "#/tasks")
    green = page.locator(".item", has_text="Green?")
    green.get_by_role("button", name="Don't allow").click()
    green.wait_for(state="detached")
    yellow = page.locator(".item", has_text="Yellow?")
    yellow.get_by_role("button", name="Reply").click()
    yellow.locator("textarea").fill("No, leave it")
    yellow.get_by_role("button", name="Send").click()
    yellow.wait_for(state="detached")
    assert "green" not in said(server)
    assert "yellow" not in said(server)


@pytest.mark.slow
def test_a_beat_is_tried_dry_and_then_run(server: Server, open_page: Open) -> None:
    server.note("HEARTBEAT.md", "# Heartbeat\n\n- [ ] Look at the cellar\n")
    page = open_page(server, "#/tasks")
    page.locator(".planned", has_text="cellar").wait_for()
    page.get_by_role("button", name="Dry run").click()
    assert "Look at the cellar" in page.get_by_role("dialog").locator(".call").inner_text()
    page.get_by_role("button", name="Close", exact=True).last.click()
    server.engine.say("DONE The cellar is dry.")
    page.get_by_role("button", name="Run now").click()
    page.locator(".beats .beat", has_text="The cellar is dry.").wait_for()
    page.locator(".inbox .item", has_text="The cellar is dry.").wait_for()
    eventually(lambda: "[x] Look at the cellar" in page.locator(".heartbeat .source").input_value())
    page.locator(".beat > summary").first.click()
    page.locator(".ran", has_text="The cellar is dry.").wait_for()


@pytest.mark.slow
def test_background_tasks_are_added_paused_gone_on_with_and_cancelled(
    server: Server, open_page: Open
) -> None:
    page = open_page(server, "#/tasks")
    page.get_by_label("A new background task").fill("Sort my books")
    page.keyboard.press("Enter")
    task = page.locator(".task", has_text="Sort my books")
    task.get_by_text("next", exact=True).wait_for()
    task.get_by_role("button", name="Pause").click()
    task.get_by_text("paused", exact=True).wait_for()
    task.get_by_role("button", name="Resume").click()
    task.get_by_text("next", exact=True).wait_for()
    task.get_by_role("button", name="Cancel").click()
    task.get_by_text("cancelled", exact=True).wait_for()


@pytest.mark.slow
def test_the_file_is_not_overwritten_either(server: Server, open_page: Open) -> None:
    file = server.note("HEARTBEAT.md", "# Heartbeat\n\n- [ ] One\n")
    page = open_page(server, "#/tasks")
    page.locator(".planned", has_text="One").wait_for()
    file.write_text("# Heartbeat\n\n- [ ] Theirs\n")
    page.locator(".heartbeat .source").fill("# Heartbeat\n\n- [ ] Mine\n")
    page.keyboard.press("Control+s")
    page.get_by_role("button", name="Keep mine").click()
    page.locator(".planned", has_text="Mine").wait_for()
    assert file.read_text() == "# Heartbeat\n\n- [ ] Mine\n"


@pytest.mark.slow
def test_hostile_titles_and_calls_do_nothing(server: Server, open_page: Open) -> None:
    ask(server, f"{HOSTILE} text", f"{HOSTILE} title")
    server.api.post("/api/tasks", json={"text": f"{HOSTILE} task"})
    server.note("HEARTBEAT.md", f"# {HOSTILE}\n\n- [ ] {HOSTILE} entry\n")
    page = open_page(server, "#/tasks")
    for place in (".item", ".task", ".planned"):
        page.locator(place, has_text="onerror").first.wait_for()
    assert page.evaluate("window.hit") is None
    assert page.locator("#main script, #main [onerror]").count() == 0
    assert json.loads(page.evaluate("JSON.stringify([...document.images].map((one) => one.src))")) == [
        f"{server.url}/ui/icon.svg"
    ]


@pytest.mark.slow
def test_axe_finds_nothing_in_the_tasks(server: Server, open_page: Open) -> None:
    server.note("HEARTBEAT.md", "# Heartbeat\n\n- [ ] One\n")
    ask(server, "The door is red.")
    server.api.post("/api/tasks", json={"text": "Sort"})
    page = open_page(server, "#/tasks", bypass_csp=True)
    for place in (".planned", ".item", ".task"):
        page.locator(place).first.wait_for()
    assert judge(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("options", LOOKS)
def test_axe_finds_nothing_in_any_look_of_the_tasks(
    server: Server, open_page: Open, options: dict[str, object]
) -> None:
    server.note("HEARTBEAT.md", "# Heartbeat\n\n- [ ] One\n")
    ask(server, "The door is black.", session=server.assistant.sessions.new().id)
    page = open_page(server, "#/tasks", **options)
    page.locator(".item").first.wait_for()
    page.locator(".item").first.get_by_role("button", name="Reply").click()
    assert judge(page) == []
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("dialog").locator(".call").first.wait_for()
    assert judge(page) == []
