"""The settings in a real browser: changed, refused, reset; secrets that never come back; models, checks."""

from __future__ import annotations

import pytest
from tests.server.conftest import Server, eventually
from tests.server.page.conftest import Open
from tests.server.page.judging import judge
from tests.server.page.test_memory_view import LOOKS

SECRET = "sk-ant-api03-do-not-show-me-again-0123456789"


def test_a_secret_goes_in_and_never_comes_back(server: Server, open_page: Open) -> None:
    page = open_page(server, "#/settings/keys")
    bodies: list[str] = []
    page.on(
        "response",
        lambda one: bodies.append(one.text()) if "/api/" in one.url and "events" not in one.url else None,
    )
    row = page.locator("[data-key='providers.anthropic.api_key']")
    row.get_by_text("not set").wait_for()
    row.locator("input").fill(SECRET)
    page.keyboard.press("Enter")
    row.get_by_text("set", exact=True).wait_for()
    assert SECRET in (server.home / "config.toml").read_text()
    page.reload()
    row.get_by_text("set", exact=True).wait_for()
    assert row.locator("input").input_value() == ""
    assert row.locator("input").get_attribute("type") == "password"
    assert SECRET not in page.content()
    assert bodies
    assert SECRET not in "".join(bodies)
    row.get_by_role("button", name="Remove providers.anthropic.api_key").click()
    row.get_by_text("not set").wait_for()
    assert SECRET not in (server.home / "config.toml").read_text()


@pytest.mark.slow
def test_a_setting_is_changed_refused_and_reset(server: Server, open_page: Open) -> None:
    config = server.home / "config.toml"
    page = open_page(server, "#/settings/all?q=context_window")
    field = page.get_by_label("agent.context_window", exact=True)
    field.fill("64000")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Reset agent.context_window").wait_for()
    assert "context_window = 64000" in config.read_text()
    assert page.locator(".setting:visible").count() == 1
    field.fill("3")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("1000 or more").wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    assert "context_window = 64000" in config.read_text()
    page.get_by_role("button", name="Reset agent.context_window").click()
    eventually(lambda: "64000" not in config.read_text())
    eventually(lambda: field.input_value() == "128000")


@pytest.mark.slow
def test_every_type_has_its_field(own: Server, open_page: Open) -> None:
    config = own.home / "config.toml"
    page = open_page(own, "#/settings/all")
    page.get_by_label("memory.index_sessions", exact=True).uncheck()
    eventually(lambda: "index_sessions = false" in config.read_text())
    page.get_by_label("logging.level", exact=True).select_option("debug")
    eventually(lambda: 'level = "debug"' in config.read_text())
    page.get_by_label("budget.day_usd", exact=True).fill("1.5")
    page.keyboard.press("Tab")
    eventually(lambda: "day_usd = 1.5" in config.read_text())
    page.get_by_label("agent.fallback_models", exact=True).fill("one\n\ntwo\n")
    page.keyboard.press("Tab")
    eventually(lambda: '["one", "two"]' in config.read_text())
    page.get_by_label("memory.paths", exact=True).fill("~/Notes  **/*.txt\n/srv/more")
    page.keyboard.press("Tab")
    eventually(lambda: "~/Notes" in config.read_text() and "**/*.txt" in config.read_text())
    page.get_by_role("searchbox").fill("no such setting")
    page.get_by_text("No setting is called that.").wait_for()


@pytest.mark.slow
def test_a_model_is_tried_and_used(own: Server, open_page: Open) -> None:
    page = open_page(own, "#/settings")
    row = page.locator(".model-row", has_text="recall")
    row.get_by_role("button", name="Test").click()
    row.locator(".trial", has_text="works").wait_for()
    row.get_by_role("button", name="Use").click()
    page.get_by_text("recall answers from now on.").wait_for()
    assert 'default_model = "recall"' in (own.home / "config.toml").read_text()


@pytest.mark.slow
def test_the_checks_say_what_to_do_and_the_rest_where_it_is(own: Server, open_page: Open) -> None:
    own.home.chmod(0o755)
    page = open_page(own, "#/settings/checks", bypass_csp=True)
    page.locator(".check", has_text="Others on this machine").first.wait_for()
    assert "chmod 700" in page.locator(".check .fix").first.inner_text()
    assert judge(page) == []
    page.get_by_role("link", name="About").click()
    page.locator(".about", has_text=str(own.home / "config.toml")).wait_for()
    assert judge(page) == []


@pytest.mark.slow
def test_axe_finds_nothing_in_the_settings(server: Server, open_page: Open) -> None:
    page = open_page(server, "#/settings", bypass_csp=True)
    page.locator(".model-row").first.wait_for()
    page.locator(".setting").first.wait_for()
    assert judge(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("options", LOOKS)
def test_axe_finds_nothing_in_any_look_of_the_settings(
    server: Server, open_page: Open, options: dict[str, object]
) -> None:
    for part in ("models", "keys", "embedding", "budget", "all"):
        page = open_page(server, f"#/settings/{part}", **options)
        page.locator(".setting").first.wait_for()
        assert judge(page) == [], part
