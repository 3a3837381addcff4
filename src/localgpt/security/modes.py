"""The owner's mode, and the folders that it is about: from the settings to whole paths, refused where they are too much."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from localgpt.core.config import Config, located
from localgpt.core.errors import ConfigError, UsageError
from localgpt.core.paths import Home

YOLO, TRUSTED = "yolo", "trusted"


@dataclass(frozen=True, slots=True)
class Bounds:
    """``mode`` by its name, and the ``folders`` in which it asks less: real paths, each ending in ``/``.

    ``missing`` are those that are not there, as they are written.
    """

    mode: str = "ask"
    folders: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def named(self, workspace: Path) -> Iterator[str]:
        """The folders as effects name places: from the workspace on (``./`` is all of it), or whole."""
        root = Path(os.path.realpath(workspace))
        for folder in map(Path, self.folders):
            inside = folder.is_relative_to(root)
            yield f"{folder.relative_to(root).as_posix()}/" if inside else f"{folder}/"


def bounds_of(config: Config, home: Home, mode: str = "") -> Bounds:
    """The mode of these settings, or ``mode``. Raises ``ConfigError`` for a folder that no mode may be about."""
    mode = mode or config.security.mode
    name, written = _named(config, mode)
    found = {one: Path(os.path.realpath(located(one, home.root, name))) for one in written}
    there = [one for one in found if found[one].is_dir()]
    folders = tuple(f"{_checked(found[one], home, name)}/" for one in there)
    return Bounds(mode, folders, tuple(one for one in found if one not in there))


def _named(config: Config, mode: str) -> tuple[str, tuple[str, ...]]:
    """The setting that names a mode's folders, and these."""
    security = config.security
    if mode == TRUSTED:
        return "security.trusted_folders", security.trusted_folders
    if mode != YOLO:
        return "", ()
    if not security.yolo_folder:
        raise ConfigError(
            "The mode yolo needs the one folder that it is about.",
            hint="Name it: localgpt config set security.yolo_folder FOLDER",
        )
    return "security.yolo_folder", (security.yolo_folder,)


def _checked(path: Path, home: Home, name: str) -> Path:
    from localgpt.security.sandbox import planning

    try:
        return planning.openable(path, home)
    except UsageError as error:
        raise ConfigError(f"{name}: {error.message}", hint=error.hint) from error
