"""Modes: which folders they are about, and which they never are."""

from __future__ import annotations

from pathlib import Path

import pytest

from localgpt.core import config
from localgpt.core.errors import ConfigError
from localgpt.core.paths import Home
from localgpt.security.modes import Bounds, bounds_of


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (".localgpt/workspace", ".localgpt/state", "code/boat", ".ssh"):
        (tmp_path / name).mkdir(parents=True)
    return Home(tmp_path / ".localgpt", tmp_path / ".localgpt" / "workspace")


@pytest.mark.parametrize("mode", ["ask", "read-only", "plan"])
def test_these_are_about_no_folder(home: Home, mode: str) -> None:
    settings = config.read(f'[security]\nmode = "{mode}"\nyolo_folder = "/"\ntrusted_folders = ["/"]')
    assert bounds_of(settings, home) == Bounds(mode)


def test_trusted_and_yolo_name_real_folders(home: Home, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "code")
    settings = config.read(
        '[security]\nmode = "trusted"\ntrusted_folders = ["~/link/boat", "~/gone"]\nyolo_folder = "~/code"'
    )
    assert bounds_of(settings, home) == Bounds("trusted", (f"{tmp_path}/code/boat/",), ("~/gone",))
    assert bounds_of(settings, home, "yolo") == Bounds("yolo", (f"{tmp_path}/code/",))


@pytest.mark.parametrize(
    "folder", ["/", "~", "~/.localgpt", "~/.localgpt/state", "~/.ssh", "/etc", "~/code/../.localgpt"]
)
@pytest.mark.parametrize(
    "setting", ['mode = "yolo"\nyolo_folder = "{}"', 'mode = "trusted"\ntrusted_folders = ["{}"]']
)
def test_folders_with_keys_or_our_own_things_are_refused(home: Home, folder: str, setting: str) -> None:
    with pytest.raises(ConfigError, match=r"security\..*_folders?: .* can't be opened"):
        bounds_of(config.read("[security]\n" + setting.format(folder)), home)


def test_yolo_needs_its_folder(home: Home) -> None:
    with pytest.raises(ConfigError, match="needs the one folder"):
        bounds_of(config.read('[security]\nmode = "yolo"'), home)
