"""What the heartbeat did: a line for each beat that did something, in ``state/heartbeat.jsonl``. The oldest go first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from localgpt.core import files
from localgpt.core.redact import redact
from localgpt.scheduler.reports import Beat

LARGEST = 2_000_000
KEPT = 500


def append(path: Path, beat: Beat) -> None:
    """Add a beat. Raises ``StorageError``."""
    files.make_folder(path.parent, mode=files.PRIVATE_FOLDER)
    line = json.dumps(_clean(beat.as_json()), ensure_ascii=False, separators=(",", ":"))
    files.append(
        path, b"\n" * _is_torn(path) + line.encode("utf-8", "replace") + b"\n", mode=files.PRIVATE_FILE
    )
    if path.stat().st_size > LARGEST:
        rows = [json.dumps(one, ensure_ascii=False) for one in reversed(entries(path, KEPT // 2))]
        files.replace(path, ("\n".join(rows) + "\n").encode("utf-8", "replace"), mode=files.PRIVATE_FILE)


def _clean(value: Any) -> Any:
    """The same without secrets in any of its texts."""
    if isinstance(value, dict):
        return {name: _clean(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return redact(value) if isinstance(value, str) else value


def _is_torn(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(-1, 2)
            return file.read(1) != b"\n"
    except OSError:  # not there, or empty
        return False


def entries(path: Path, limit: int = 50) -> list[dict[str, Any]]:
    """The last beats as ``Beat.as_json`` has them, the newest first; what a crash tore is left out."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise files.storage_error(error, "read", path) from error
    found: list[dict[str, Any]] = []
    for line in reversed(lines):
        if len(found) >= limit:
            break
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            found.append(entry)
    return found
