"""The memory in a real browser: searching as one types, writing without overwriting, history, what hostile names do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import Server, eventually
from tests.server.page.conftest import Open
from tests.server.page.judging import judge

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOUSE = "# House\n\n- The spare key hangs behind the blue door.\n- See [[Garden]] and [[nowhere]].\n"
HOSTILE = "<img src=x onerror=window.hit=1> \"'&"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOOKS = [
    {"color_scheme": "dark", "bypass_csp": True},
    {"color_scheme": "light", "bypass_csp": True, **PHONE},
    {"color_scheme": "dark", "bypass_csp": True, **PHONE},
]
"""For axe, which brings a style element of its own: the page's policy is let be there, and holds in all other tests."""


def house(server: Server) -> None:
    server.note("knowledge/house.md", HOUSE)
    server.note("knowledge/garden.md", "# Garden\n\n- Tomatoes.\n\nThe [house](house.md) has the tools.\n")


def edit(page: Page) -> None:
    page.get_by_role("button", name="Edit").click()
    page.locator(".source").wait_for()


def test_words_are_found_as_they_are_typed_and_lead_to_their_lines(server: Server, open_page: Open) -> None:
    house(server)
    server.api.post("/api/memory/reindex", json={})
    page = open_page(server, "#/memory")
    page.locator(".tree a", has_text="House").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("spare key")
    page.locator(".hit mark", has_text="spare").first.wait_for()
    assert page.locator(".tree").is_hidden()
    assert "words" in (page.locator(".why").first.text_content() or "")
    page.keyboard.press("Enter")
    page.locator(".note-text .cited", has_text="blue door").first.wait_for()
    assert page.evaluate("location.hash") == "#/note/knowledge/house.md?3"
    assert page.locator(".note-text .cited").count() == 1
    cases = server.assistant.learning.cases
    eventually(
        lambda: ("spare key", "knowledge/house.md") in [(one.question, one.path) for one in cases.all()]
    )
    page.locator(".memory-side input").press("Escape")
    assert page.locator(".tree").is_visible()


def test_a_note_is_edited_with_a_preview_and_both_texts_are_shown_in_a_conflict(
    server: Server, open_page: Open
) -> None:
    house(server)
    file = server.home / "workspace/knowledge/house.md"
    page = open_page(server, "#/note/knowledge/house.md")
    edit(page)
    page.locator(".source").fill(HOUSE + "- **Mine**, first.\n")
    page.locator(".preview strong", has_text="Mine").wait_for()
    page.keyboard.press("Control+s")
    page.locator(".toast", has_text="Saved").wait_for()
    assert "**Mine**, first." in file.read_text()

    file.write_text(HOUSE + "- Theirs.\n")
    page.locator(".source").fill(HOUSE + "- Mine, second.\n")
    page.keyboard.press("Control+s")
    page.get_by_role("alertdialog").wait_for()
    assert page.locator(".version mark").all_inner_texts() == ["- Mine, second.\n", "- Theirs.\n"]
    assert file.read_text() == HOUSE + "- Theirs.\n"
    page.get_by_role("button", name="Open both").click()
    assert "- Theirs." in page.locator(".beside").inner_text()
    page.locator(".source").fill(HOUSE + "- Theirs.\n- Mine, second.\n")
    page.keyboard.press("Control+s")
    eventually(lambda: file.read_text() == HOUSE + "- Theirs.\n- Mine, second.\n")


@pytest.mark.slow
def test_in_a_conflict_one_keeps_mine_or_takes_theirs(server: Server, open_page: Open) -> None:
    house(server)
    file = server.home / "workspace/knowledge/house.md"
    page = open_page(server, "#/note/knowledge/house.md")
    edit(page)
    file.write_text(HOUSE + "- Theirs.\n")
    page.locator(".source").fill("# Mine\n")
    page.keyboard.press("Control+s")
    page.get_by_role("button", name="Take theirs").click()
    assert page.locator(".source").input_value() == HOUSE + "- Theirs.\n"
    file.write_text("# Theirs again\n")
    page.locator(".source").fill("# Mine\n")
    page.keyboard.press("Control+s")
    page.get_by_role("button", name="Keep mine").click()
    eventually(lambda: file.read_text() == "# Mine\n")
    file.unlink()
    page.locator(".source").fill("# Mine, alone\n")
    page.keyboard.press("Control+s")
    page.get_by_text("It was deleted or moved while you wrote.").wait_for()
    page.get_by_role("button", name="Keep mine").click()
    eventually(lambda: file.exists() and file.read_text() == "# Mine, alone\n")


@pytest.mark.slow
def test_what_is_not_saved_is_not_lost_by_going_away(server: Server, open_page: Open) -> None:
    house(server)
    page = open_page(server, "#/note/knowledge/house.md")
    edit(page)
    page.locator(".source").fill("half a thought")
    page.locator(".part", has_text="Tasks").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Cancel").click()
    assert page.locator(".source").input_value() == "half a thought"
    assert page.evaluate("location.hash") == "#/note/knowledge/house.md"
    page.locator(".part", has_text="Tasks").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Leave").click()
    page.locator(".tasks-page").wait_for()


def test_a_change_is_undone_from_the_history_after_its_diff_was_shown(
    server: Server, open_page: Open
) -> None:
    house(server)
    note = server.api.get("/api/notes/knowledge/house.md").json()
    text = HOUSE.replace("blue door", "red door")
    server.api.put("/api/notes/knowledge/house.md", json={"text": text, "sha256": note["sha256"]})
    page = open_page(server, "#/note/knowledge/house.md")
    page.get_by_role("button", name="History").click()
    page.locator(".step > summary").first.click()
    assert "+- The spare key hangs behind the red door." in page.locator(".step ins").first.inner_text()
    page.locator(".steps").get_by_role("button", name="Undo the change").first.click()
    dialog = page.get_by_role("dialog")
    assert "+- The spare key hangs behind the blue door." in dialog.locator("ins").inner_text()
    assert "red door" in (server.home / "workspace/knowledge/house.md").read_text()
    dialog.get_by_role("button", name="Put back").click()
    page.locator(".note-text", has_text="blue door").wait_for()
    assert (server.home / "workspace/knowledge/house.md").read_text() == HOUSE
    page.locator(".was-undone").wait_for()


@pytest.mark.slow
def test_a_note_is_made_moved_deleted_and_brought_back(server: Server, open_page: Open) -> None:
    house(server)
    work = server.home / "workspace"
    page = open_page(server, "#/memory")
    page.get_by_role("button", name="New note").click()
    page.locator("dialog input").fill("knowledge/bike lock")
    page.keyboard.press("Enter")
    page.locator(".source").wait_for()
    assert page.locator(".source").input_value() == "# Bike lock\n\n"
    assert not (work / "knowledge/bike lock.md").exists()
    page.keyboard.type("It opens with 4711.")
    page.keyboard.press("Control+s")
    page.locator(".tree a", has_text="Bike lock").wait_for()
    page.get_by_role("button", name="Done").click()
    page.locator(".note-text", has_text="4711").wait_for()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Rename or move").click()
    page.locator("dialog input").fill("knowledge/locks/bike.md")
    page.keyboard.press("Enter")
    page.locator(".note-where", has_text="locks").wait_for()
    assert (work / "knowledge/locks/bike.md").read_text() == "# Bike lock\n\nIt opens with 4711.\n"
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_text("knowledge/locks/bike.md is deleted.").wait_for()
    assert not (work / "knowledge/locks/bike.md").exists()
    page.locator(".toast", has_text="is deleted").get_by_role("button", name="Undo").click()
    page.locator(".note-text", has_text="4711").wait_for()
    assert (work / "knowledge/locks/bike.md").exists()


@pytest.mark.slow
def test_links_lead_on_and_those_to_nothing_offer_to_write_it(server: Server, open_page: Open) -> None:
    house(server)
    page = open_page(server, "#/note/knowledge/house.md")
    page.locator(".backlinks", has_text="knowledge/garden.md").wait_for()
    page.locator(".connections .gone", has_text="nowhere").click()
    page.get_by_text("There is no such note").wait_for()
    page.get_by_role("button", name="Write this note").click()
    assert page.locator(".source").input_value() == "# Nowhere\n\n"
    page.get_by_role("button", name="Done").click()
    page.get_by_role("alertdialog").wait_for(state="detached")
    page.go_back()
    page.locator(".note-text a", has_text="Garden").click()
    page.locator(".note-head h1", has_text="Garden").wait_for()


@pytest.mark.slow
def test_an_open_note_follows_what_others_write(server: Server, open_page: Open) -> None:
    server.note("knowledge/live.md", "# Live\n\nbefore\n")
    page = open_page(server, "#/note/knowledge/live.md")
    page.locator(".note-text", has_text="before").wait_for()
    note = server.api.get("/api/notes/knowledge/live.md").json()
    server.api.put(
        "/api/notes/knowledge/live.md", json={"text": "# Live\n\nafter\n", "sha256": note["sha256"]}
    )
    page.locator(".note-text", has_text="after").wait_for()
    server.note("knowledge/live.md", "# Live\n\nby an editor\n")
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.locator(".note-text", has_text="by an editor").wait_for()
    edit(page)
    server.note("knowledge/live.md", "# Live\n\nand again\n")
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.get_by_text("This note was changed elsewhere while you write.").wait_for()


@pytest.mark.slow
def test_daily_notes_stand_by_month_and_keys_walk_the_tree(own: Server, open_page: Open) -> None:
    for day in ("2026-03-01", "2026-03-09", "2026-01-31"):
        own.note(f"memory/{day}.md", f"# {day}\n")
    page = open_page(own, "#/memory")
    months = page.locator(".daily summary")
    months.first.wait_for()
    assert [text.split("\n")[0] for text in months.all_inner_texts()] == ["March 2026", "January 2026"]
    assert page.locator(".daily details[open] a").all_inner_texts()[0].startswith("Mon")
    assert "Protected" in page.locator(".tree a", has_text="MEMORY").first.inner_text()
    months.first.focus()
    page.keyboard.press("ArrowLeft")
    assert not page.locator(".daily details").first.evaluate("node => node.open")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("2026-03-09"))


@pytest.mark.slow
def test_hostile_names_and_texts_do_nothing(own: Server, open_page: Open) -> None:
    name = "knowledge/<svg onload=window.hit=1>'\"&.md"
    own.note(name, f"# {HOSTILE}\n\n{HOSTILE} words [x](javascript:window.hit=1)\n\n[[{HOSTILE}]]\n")
    own.note("knowledge/other.md", f"# Other\n\n[[<svg onload=window.hit=1>'\"&]] {HOSTILE} words\n")
    own.api.post("/api/memory/reindex", json={})
    page = open_page(own, "#/memory")
    page.locator(".tree a", has_text="onerror").click()
    page.locator(".note-text", has_text="words").wait_for()
    edit(page)
    page.locator(".preview", has_text="words").wait_for()
    page.locator(".source").fill(f"# {HOSTILE}\n\n<script>window.hit=1</script>\n")
    page.keyboard.press("Control+s")
    page.locator(".toast", has_text="Saved").wait_for()
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="History").click()
    page.locator(".step > summary").first.click()
    page.locator(".diff").wait_for()
    page.locator(".memory-side input").fill("words")
    page.locator(".hit").first.wait_for()
    assert page.evaluate("window.hit") is None
    assert (
        page.locator("#main script, #main [onerror], #main [onload], #main a[href^=javascript]").count() == 0
    )


@pytest.mark.slow
def test_axe_finds_nothing_in_the_memory(server: Server, open_page: Open) -> None:
    house(server)
    page = open_page(server, "#/note/knowledge/house.md", bypass_csp=True)
    page.locator(".backlinks").wait_for()
    page.get_by_role("button", name="History").click()
    page.locator(".steps > li").first.wait_for()
    assert judge(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("options", LOOKS)
def test_axe_finds_nothing_in_any_look_of_the_memory(
    server: Server, open_page: Open, options: dict[str, object]
) -> None:
    house(server)
    note = server.api.get("/api/notes/knowledge/house.md").json()
    server.api.put("/api/notes/knowledge/house.md", json={"text": HOUSE + "- x\n", "sha256": note["sha256"]})
    server.api.post("/api/memory/reindex", json={})
    page = open_page(server, "#/memory", **options)
    page.locator(".steps .step").first.wait_for(state="attached")
    page.locator(".memory-side input").fill("spare key")
    page.locator(".why > summary").first.click()
    assert judge(page) == []
    page.goto(f"{server.url}/#/note/knowledge/house.md")
    page.get_by_role("button", name="History").click()
    page.locator(".step > summary").first.click()
    page.locator(".diff").wait_for()
    assert judge(page) == []
    page.locator(".steps").get_by_role("button", name="Undo").first.click()
    page.get_by_role("dialog").locator(".diff").wait_for()
    assert judge(page) == []
    page.keyboard.press("Escape")
    edit(page)
    assert judge(page) == []
    (server.home / "workspace/knowledge/house.md").write_text("# Other\n")
    page.locator(".source").fill("# Mine\n")
    page.keyboard.press("Control+s")
    page.locator(".conflict").wait_for()
    assert judge(page) == []
