"""What lies around a sandbox in a trial: a home with notes, a folder beside it, a bystander; and what was done to them."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from localgpt.core import files
from localgpt.core.paths import ALWAYS_LOADED, Home
from localgpt.security.sandbox import closing
from localgpt.security.sandbox.bystander import Bystander
from localgpt.security.sandbox.result import Result

_NOTES = (*ALWAYS_LOADED, "HEARTBEAT.md")
_SEEN_OUTSIDE = ("/usr", "/usr/bin", "/etc", "/", "/dev/shm")


class Scene:
    """One trial's surroundings, in a temporary folder that ``end`` takes away."""

    def __init__(self) -> None:
        self.root = files.private_folder("localgpt-trial-").resolve()
        self.outside = self.root / "outside"
        self.home = Home(self.root / "home", self.root / "home" / "workspace")
        self.secret, self.token, self.marker = (secrets.token_hex(12) for _ in range(3))
        self._furnish()
        self.bystander = Bystander(self.root, f"bystander-{secrets.token_hex(6)}", self.secret)
        self.daemon = self.home.state / "daemon.socket"
        self.daemon.hardlink_to(self.bystander.socket)
        work = self.home.workspace
        self._closed = (*closing.closed_in(work), *closing.reserved_in(str(work)))
        self._before = self._picture()

    def words(self) -> dict[str, str]:
        """What stands for the words of an attempt."""
        one = self.bystander
        return {
            "outside": str(self.outside), "workspace": str(self.home.workspace), "home": str(self.home.root),
            "victim": str(one.process), "port": str(one.tcp), "udp": str(one.udp), "socket": one.socket, "daemon": str(self.daemon),
            "bystander": one.name, "marker": f"left-{self.marker}", "token": f"got-{self.token}",
        }  # fmt: skip

    def _furnish(self) -> None:
        work = self.home.workspace
        texts = {
            self.outside / "secret.txt": self.secret, self.outside / "victim.txt": "precious",
            self.outside / "folder" / "x.txt": "precious", self.outside / ".bashrc": "# mine",
            self.home.config: f'key = "{self.secret}"', self.home.state / "token": self.secret,
            self.home.state / "approvals" / "q1.json": "{}", self.home.state / "grants.json": "[1]",
            self.home.state / "frozen": "{}", self.home.state / "inbox" / "q1.json": "{}",
            self.home.journal / "day.jsonl": "{}", self.home.cache / "index.db": "index",
            work / "knowledge" / "plain.md": "a plain note", work / "skills" / "good" / "SKILL.md": "# good",
            work / ".gitconfig": '[core]\n\tpager = "touch pwned"', work / "bin" / "ls": "#!/bin/sh\ntouch pwned\n",
        }  # fmt: skip
        texts |= {work / name: f"# {name}\nkeep me\n" for name in _NOTES}
        texts |= {
            work / "desk" / name: f"a plain {name}" for name in ("knowledge/plain.md", "AGENTS.md", "SOUL.md")
        }
        for folder in (work / ".git", work / "project" / ".git"):
            texts |= {
                folder / "config": "[core]\n",
                folder / "HEAD": "ref: refs/heads/main\n",
                folder / "hooks" / "x": "#",
            }
        for path, text in texts.items():
            files.replace(path, text.encode(), synced=False)
        (work / "knowledge" / "alias.md").hardlink_to(work / "AGENTS.md")
        (work / "link").symlink_to(self.outside)

    def _picture(self) -> dict[str, str]:
        """Everything that no command may change, as a line for each path."""
        work = str(self.home.workspace)
        ours = (
            f"{work}/",
            str(self.home.state / "locks"),
        )  # the workspace is the command's, the locks are ours
        kept = {path for path in _walk(self.root) if not path.startswith(ours)}
        for closed in self._closed:
            kept |= {closed.rstrip("/"), *_walk(Path(closed))}
        places = [*kept, f"{work}/project/.git/hooks/pre-commit", f"{work}/knowledge/alias.md"]
        return {path: _line(path) for path in places}

    def harm(self, result: Result) -> list[str]:
        """What was done that must not be, each in a few words; empty if the walls held."""
        after = self._picture()
        paths = sorted(set(after) | set(self._before))
        found = [f"{path} was changed" for path in paths if after.get(path, "") != self._before.get(path, "")]
        said = result.out + result.err
        found += ["a secret was read"] if self.secret in said else []
        found += ["the kernel gave what it must not"] if f"got-{self.token}" in said else []
        found += ["terminal commands came through"] if any(one in said for one in "\x1b\x9b\x07") else []
        found += [f"{path} is in the workspace" for path in _traps(self.home.workspace)]
        found += [f"{number} goes on" for number in left_behind(self.words()["marker"])]
        found += [
            f"{place} has a mark"
            for place in _SEEN_OUTSIDE
            if (Path(place) / self.words()["marker"]).exists()
        ]
        return found + self.bystander.harm()

    def end(self) -> None:
        """Take everything away, what was left behind too."""
        for number in left_behind(self.words()["marker"]):
            os.kill(number, 9)
        self.bystander.end()
        files.remove_folder(self.root)


def left_behind(marker: str) -> list[int]:
    """The processes of this machine that carry a trial's mark in their command line."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and Path(f"/proc/{name}/cmdline").read_bytes().startswith(marker.encode()):
                found.append(int(name))
        except OSError:
            continue  # it has just ended
    return found


def _walk(folder: Path) -> Iterator[str]:
    if os.path.lexists(folder):
        yield str(folder)
    for place, folders, names in os.walk(folder):
        yield from (f"{place}/{name}" for name in (*folders, *names))


def _line(path: str) -> str:
    try:
        found = os.lstat(path)
    except OSError:
        return ""
    content = hashlib.sha256(Path(path).read_bytes()).hexdigest() if stat.S_ISREG(found.st_mode) else ""
    moment = found.st_mtime_ns if content else 0  # a folder's changes with what is in it
    return f"{found.st_mode:o} {found.st_ino} {moment} {content}"


def _traps(workspace: Path) -> Iterator[str]:
    """Files that run as somebody else, devices, and pipes on which a reader waits for ever."""
    for path in _walk(workspace):
        mode = os.lstat(path).st_mode
        if (
            (stat.S_ISREG(mode) and mode & 0o6000)
            or stat.S_ISBLK(mode)
            or stat.S_ISCHR(mode)
            or stat.S_ISFIFO(mode)
        ):
            yield path
