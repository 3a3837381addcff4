"""The page's own files: ``/`` and ``/ui/…``, out of the package; and everything else: there is nothing there."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from localgpt.core.errors import NotFound

WEB = Path(__file__).parent.parent / "web"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}

router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=["GET", "HEAD"])
async def page(request: Request) -> Response:
    """The page."""
    return served_file(request, "index.html")


@router.api_route("/favicon.ico", methods=["GET", "HEAD"])
async def icon(request: Request) -> Response:
    """The page's icon, for browsers that ask by this old name."""
    return served_file(request, "icon.svg")


@router.api_route("/ui/{path:path}", methods=["GET", "HEAD"])
async def part(request: Request, path: str) -> Response:
    """A file of the page."""
    return served_file(request, path)


def served_file(request: Request, path: str) -> Response:
    """A file of the page; 304 where the browser has it already."""
    file = located(path)
    status = file.stat()
    packed = "gzip" in request.headers.get("accept-encoding", "")
    content, tag = _content(file, status.st_mtime_ns, status.st_size, packed=packed)
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(content, headers=headers, media_type=TYPES[file.suffix])


def located(path: str, folder: Path = WEB) -> Path:
    """The file that ``path`` names below ``folder``. Raises ``NotFound``, also for what lies elsewhere."""
    parts = path.split("/")
    plain = all(part and not part.startswith(".") and "\\" not in part and "\0" not in part for part in parts)
    file = folder.joinpath(*parts) if plain and len(path) < 200 else folder
    if file.suffix not in TYPES or not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        raise NotFound(
            f"The page has no file {path[:200]!r}.", hint="Reload the page; it may be of an older version."
        )
    return file


@lru_cache(maxsize=400)
def _content(file: Path, _changed: int, _size: int, *, packed: bool) -> tuple[bytes, str]:
    content = file.read_bytes()
    tag = hashlib.sha256(content).hexdigest()[:20]
    return (gzip.compress(content, mtime=0), f'"{tag}-gzip"') if packed else (content, f'"{tag}"')
