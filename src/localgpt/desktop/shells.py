"""Which windows this machine could show the page in, the best first. Pure but for looking."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "brave-browser",
    "microsoft-edge",
    "vivaldi",
)
_MAC_CHROMIUMS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Brave Browser.app/Contents/MacOS/Brave Browser",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_BACK_ENDS = ("PyQt6.QtWebEngineWidgets", "PySide6.QtWebEngineWidgets", "gi")

NO_WEBVIEW = "pywebview is not installed (pip install 'localgpt-py[desktop]')"
NO_BACK_END = "pywebview finds neither Qt nor GTK (pip install 'localgpt-py[desktop]')"
NO_CHROMIUM = "no Chromium, Chrome, Brave or Edge is installed"
NO_SCREEN = "there is no screen (neither DISPLAY nor WAYLAND_DISPLAY is set)"


class Kind(StrEnum):
    """What a page can be shown in."""

    NATIVE = "native"
    APP = "app"
    BROWSER = "browser"


@dataclass(frozen=True, slots=True)
class Shell:
    """One way to show the page. ``program`` is the Chromium for ``APP``; ``missing`` says why it can't be, if so."""

    kind: Kind
    program: str = ""
    missing: str = ""

    @property
    def label(self) -> str:
        """What it is called towards the owner."""
        if self.kind is Kind.APP:
            return f"a window of {Path(self.program).name}" if self.program else "a Chromium window"
        return {Kind.NATIVE: "a native window", Kind.BROWSER: "the browser"}[self.kind]


def shells(
    environ: Mapping[str, str] = os.environ,
    *,
    platform: str = "",
    which: Callable[[str], str | None] = shutil.which,
    importable: Callable[[str], bool] | None = None,
) -> tuple[Shell, ...]:
    """Every way, the best first; what can't be has its reason."""
    platform = platform or sys.platform
    no_screen = "" if has_screen(environ, platform) else NO_SCREEN
    chromium = _chromium(platform, which)
    return (
        Shell(Kind.NATIVE, missing=no_screen or _no_native(platform, importable or _importable)),
        Shell(Kind.APP, chromium, missing=no_screen or ("" if chromium else NO_CHROMIUM)),
        Shell(Kind.BROWSER, missing=no_screen),
    )


def has_screen(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a window could be seen at all."""
    if platform in {"darwin", "win32"}:
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _no_native(platform: str, importable: Callable[[str], bool]) -> str:
    if not importable("webview"):
        return NO_WEBVIEW
    if platform in {"darwin", "win32"} or any(importable(name) for name in _BACK_ENDS):
        return ""
    return NO_BACK_END


def _importable(name: str) -> bool:
    """Whether a module is there; only the packages above it are imported, which are light."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _chromium(platform: str, which: Callable[[str], str | None]) -> str:
    found = (which(name) for name in _CHROMIUMS)
    if program := next(filter(None, found), ""):
        return program
    if platform == "darwin":
        return next((path for path in _MAC_CHROMIUMS if Path(path).exists()), "")
    return ""
