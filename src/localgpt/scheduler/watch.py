"""What an entry watches: a file, a folder or a page, as a fingerprint that is another one when it has changed."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from localgpt.core.errors import LocalGPTError
from localgpt.core.outbound import Outbound

MOST_FILES = 5_000
LARGEST = 20_000_000
"""Bytes of a file that are read; a larger one is known by its size and time."""
PURPOSE = "heartbeat watch"


def is_page(target: str) -> bool:
    """Whether looking at the target is a connection."""
    return target.lower().startswith(("http://", "https://"))


async def fingerprint(target: str, root: Path, outbound: Outbound) -> str:
    """What the target is now; relative paths start at ``root``. Raises ``LocalGPTError`` where a page can't be had."""
    if is_page(target):
        return await _page(target, outbound)
    return await asyncio.to_thread(_on_disk, target, root)


def _on_disk(target: str, root: Path) -> str:
    """A file by its content, a folder by the names, sizes and times of what is in it; what is not there counts too."""
    try:
        path = root / Path(target).expanduser()
        if path.is_dir():
            return "folder:" + _digest("\n".join(_listing(path)).encode("utf-8", "surrogateescape"))
        status = path.stat()
        if not path.is_file() or status.st_size > LARGEST:
            return f"file:{status.st_size}:{status.st_mtime_ns}"
        return "file:" + _digest(path.read_bytes())
    except FileNotFoundError:
        return "missing"
    except (OSError, RuntimeError, ValueError):  # no right to it, a ~ of nobody, a name with a zero byte
        return "unreadable"


def _listing(folder: Path) -> Iterator[str]:
    """A line for each visible file below the folder, up to a bound."""
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            status = os.stat(os.path.join(place, name), follow_symlinks=False)  # noqa: PTH116, PTH118 - thousands of them
            yield f"{place}/{name} {status.st_size} {status.st_mtime_ns}"
            count += 1
            if count >= MOST_FILES:
                return


async def _page(address: str, outbound: Outbound) -> str:
    """A page by its text, so that what changes with every visit (numbers in its markup) does not count."""
    from localgpt.memory.documents import extract
    from localgpt.tools.web_reading import read

    async with outbound.client(PURPOSE) as client:
        answer = await read(client, address)
    if answer.status >= 400:
        return f"page:{answer.status}"
    try:
        found = await asyncio.to_thread(
            extract, answer.data, "", answer.media_type, address=answer.address, charset=answer.charset
        )
    except LocalGPTError:  # no text in it: its bytes count
        return "page:" + _digest(answer.data)
    return "page:" + _digest(found.text.encode("utf-8", "surrogatepass"))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
