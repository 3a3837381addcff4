"""The activity in a real browser: the chart and its table, the timeline with its filters, undoing from it."""

from __future__ import annotations

import pytest
from tests.server.conftest import Server, eventually
from tests.server.page.conftest import Open
from tests.server.page.judging import judge
from tests.server.page.test_memory_view import HOSTILE, LOOKS

from localgpt.core.events import TextDelta
from localgpt.core.values import Stop, Usage
from localgpt.models.base import Finished


def turn(server: Server, text: str = "What is there?") -> None:
    server.engine.say(
        lambda _: [TextDelta("All of it."), Finished(Stop.DONE, Usage(1200, 300, cost_usd=0.25))]
    )
    assert server.api.post("/api/chat", json={"message": text}).status_code == 200


def write(server: Server, path: str, text: str) -> None:
    answer = server.api.put(f"/api/notes/{path}", json={"text": text, "sha256": None})
    assert answer.status_code == 200


def test_the_chart_says_the_same_as_its_table(own: Server, open_page: Open) -> None:
    turn(own)
    page = open_page(own, "#/activity")
    chart = page.get_by_role("img", name="1,500 tokens in 30 days")
    chart.wait_for()
    assert chart.locator(".bar").count() == 1
    assert len(chart.locator("title").all()) == 30
    page.get_by_role("button", name="Money", exact=True).click()
    page.get_by_role("img", name="$0.25").wait_for()
    page.get_by_text("The same as a table").click()
    cells = page.locator(".drawing .figures tbody td").all_inner_texts()
    assert cells == ["1", "1,200", "300", "$0.250"]
    page.get_by_role("button", name="Kind of work").click()
    page.locator(".by-table th", has_text="Chat").wait_for()
    page.locator(".entry.turn", has_text="scripted answered").wait_for()


@pytest.mark.slow
def test_a_change_is_undone_from_the_timeline_which_can_be_filtered(server: Server, open_page: Open) -> None:
    turn(server)
    write(server, "knowledge/gone.md", "# Gone\n")
    page = open_page(server, "#/activity")
    page.locator(".entry.turn").first.wait_for()
    page.get_by_role("button", name="Changes", exact=True).click()
    page.locator(".entry.turn").first.wait_for(state="detached")
    page.get_by_role("button", name="Undo the change of knowledge/gone.md").click()
    page.get_by_role("dialog").get_by_role("button", name="Put back").click()
    eventually(lambda: not (server.home / "workspace/knowledge/gone.md").exists())
    page.get_by_role("button", name="Undone", exact=True).click()
    page.locator(".entry.undo").first.wait_for()
    page.get_by_role("button", name="Left this machine").click()
    page.get_by_text("Nothing yet.").wait_for()


@pytest.mark.slow
def test_a_long_past_comes_page_by_page(own: Server, open_page: Open) -> None:
    for n in range(70):
        write(own, f"knowledge/n{n}.md", f"# {n}\n")
    page = open_page(own, "#/activity")
    page.locator(".entry").first.wait_for()
    assert page.locator(".entry").count() < 70
    page.get_by_role("button", name="Show more").click()
    page.locator(".entry", has_text="knowledge/n0.md").wait_for()
    assert page.locator(".entry").count() == 70


@pytest.mark.slow
def test_it_is_told_in_german_and_hostile_names_do_nothing(own: Server, open_page: Open) -> None:
    turn(own, HOSTILE)
    write(own, "knowledge/<svg onload=window.hit=1>.md", "# x\n")
    page = open_page(own, "#/activity", locale="de-DE")
    page.locator(".entry.change", has_text="onload").get_by_text("wurde angelegt").wait_for()
    page.locator(".entry.turn", has_text="scripted hat geantwortet").wait_for()
    page.get_by_role("button", name="Chat", exact=True).click()
    page.locator(".by-table a").wait_for()
    assert page.evaluate("window.hit") is None
    assert page.locator("#main script, #main [onload], #main [onerror]").count() == 0


@pytest.mark.slow
def test_axe_finds_nothing_in_the_activity(server: Server, open_page: Open) -> None:
    turn(server)
    write(server, "knowledge/axe.md", "# Axe\n")
    page = open_page(server, "#/activity", bypass_csp=True)
    page.locator(".entry.change").first.wait_for()
    page.locator(".by-table .figures").wait_for()
    assert judge(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("options", LOOKS)
def test_axe_finds_nothing_in_any_look_of_the_activity(
    server: Server, open_page: Open, options: dict[str, object]
) -> None:
    turn(server)
    page = open_page(server, "#/activity", **options)
    page.locator(".entry.turn").first.wait_for()
    page.get_by_text("The same as a table").click()
    assert judge(page) == []
