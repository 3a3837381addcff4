"""What axe says of a page: the rules for people who read with their ears, their fingers or weak eyes."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page


def judge(page: Page) -> list[str]:
    """What is wrong with the page as it stands now, one line for each place."""
    pytest.importorskip("axe_playwright_python", reason="axe is not installed")
    script = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.evaluate(script)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {rule['help']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
