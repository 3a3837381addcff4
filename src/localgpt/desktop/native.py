"""The native window, as a program of its own: ``python -m localgpt.desktop.native DOOR STORAGE``.

It is a process apart because a graphics system that can't start ends the whole process. ``DOOR`` is a page
that logs in. When its window is there, it puts the file ``SIGN`` into the folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIGN = "shown"
TITLE = "LocalGPT"
SIZE = (1180, 800)
SMALLEST = (360, 480)
BACKGROUNDS = "#f7f5f2"

_WORDS = {
    "en": "File View Chat Memory Tasks Activity Settings New_chat Close Reload",
    "de": "Datei Ansicht Gespräch Gedächtnis Aufgaben Verlauf Einstellungen Neues_Gespräch Schließen Neu_laden",
}
_VIEWS = ("chat", "memory", "tasks", "activity", "settings")
_ROOT_FLAG = "--no-sandbox"


def main(arguments: list[str]) -> int:
    """Show the page until its window is closed; returns the exit code."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m localgpt.desktop.native DOOR STORAGE\n")
        return 2
    door, storage = arguments
    _suit_root()
    import webview

    webview.settings["ALLOW_DOWNLOADS"] = True  # exports
    webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = True
    window = webview.create_window(
        TITLE,
        html=Path(door).read_text(
            encoding="utf-8"
        ),  # Qt lets no page of a file reach a server, not even ours
        width=SIZE[0],
        height=SIZE[1],
        min_size=SMALLEST,
        text_select=True,
        zoomable=True,
        background_color=BACKGROUNDS,
        menu=_menu(lambda: window),
    )
    assert window is not None  # None is for servers of windows that pywebview can't make
    window.events.shown += (Path(storage) / SIGN).touch
    webview.start(private_mode=False, storage_path=storage, icon=_icon())
    return 0


def _suit_root() -> None:
    """Chromium's own sandbox refuses to run as root; whoever is root has chosen to do without."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags = os.environ.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
        if _ROOT_FLAG not in flags:
            os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = f"{flags} {_ROOT_FLAG}".strip()
        os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")


def _icon() -> str | None:
    icon = Path(__file__).parent.parent / "server" / "web" / "icon.png"
    return str(icon) if icon.exists() else None


def words(language: str) -> list[str]:
    """The words of the menu, in a language as ``LANG`` names it: file, view, the five views, new, close, reload."""
    chosen = _WORDS["de" if language.lower().startswith("de") else "en"]
    return [word.replace("_", " ") for word in chosen.split()]


def _menu(window: Callable[[], Any]) -> list[Any]:
    from webview.menu import Menu, MenuAction, MenuSeparator

    def goto(view: str) -> Callable[[], None]:
        return lambda: window().run_js(f"location.hash = '#/{view}'")

    file, view, *labels, new, close, again = words(os.environ.get("LC_ALL") or os.environ.get("LANG") or "")
    views = [MenuAction(label, goto(name)) for label, name in zip(labels, _VIEWS, strict=True)]
    reload = MenuAction(again, lambda: window().run_js("location.reload()"))
    return [
        Menu(
            file,
            [MenuAction(new, goto("chat")), MenuSeparator(), MenuAction(close, lambda: window().destroy())],
        ),
        Menu(view, [*views, MenuSeparator(), reload]),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
