"""The daemon as a service of the owner's login: a systemd user unit, or a launchd agent. No root."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localgpt.core import files
from localgpt.core.errors import NotFound, UsageError
from localgpt.core.paths import Home, short_hash

_PATIENCE = 30.0
_STOP_MARGIN = 20

Run = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class Service:
    """A service: the file that describes it, its text, and the commands that put it in and out of use."""

    path: Path
    text: str
    enable: tuple[tuple[str, ...], ...]
    disable: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: the commands that ran, and those that could not and are left to the owner."""

    path: Path
    ran: tuple[str, ...]
    left: tuple[str, ...]


def service(
    home: Home,
    grace: int,
    environ: Mapping[str, str],
    *,
    platform: str = sys.platform,
    python: str = sys.executable,
) -> Service:
    """The service of a home on this system. Raises ``UsageError`` on systems that have neither."""
    if platform == "linux":
        return _systemd(home, grace, environ, python)
    if platform == "darwin":
        return _launchd(home, grace, environ, python)
    raise UsageError(
        "Services are known for systemd and launchd only.", hint="Start it by hand: localgpt daemon start"
    )


def name_of(home: Home, environ: Mapping[str, str]) -> str:
    """The service's name: ``localgpt`` for the usual home, with a few digits for another."""
    usual = Path(environ.get("HOME", "~")).expanduser() / ".localgpt"
    return "localgpt" if home.root == usual else f"localgpt-{short_hash(str(home.root))}"


def _words(home: Home, python: str) -> list[str]:
    return [python, "-m", "localgpt", "--home", str(home.root), "daemon", "start", "--foreground"]


def _kept(home: Home, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment that the service needs: where programs are found, and where the workspace was moved to. No keys."""
    kept = {name: environ[name] for name in ("PATH", "LANG", "TZ") if environ.get(name)}
    if home.workspace != home.root / "workspace":
        kept["LOCALGPT_WORKSPACE"] = str(home.workspace)
    return kept


def _systemd(home: Home, grace: int, environ: Mapping[str, str], python: str) -> Service:
    name = f"{name_of(home, environ)}.service"
    base = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "~")).expanduser() / ".config")
    variables = [
        f"Environment={_quoted(f'{key}={value}')}" for key, value in sorted(_kept(home, environ).items())
    ]
    lines = [
        "[Unit]",
        f"Description=LocalGPT for {_plain(str(home.root))}",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStart={' '.join(map(_quoted_word, _words(home, python)))}",
        *variables,
        "Restart=on-failure",
        "RestartSec=5",
        "KillMode=mixed",
        f"TimeoutStopSec={grace + _STOP_MARGIN}",
        "UMask=0022",
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
    ]
    control = ("systemctl", "--user")
    return Service(
        base / "systemd" / "user" / name,
        "\n".join(lines),
        enable=((*control, "daemon-reload"), (*control, "enable", "--now", name)),
        disable=((*control, "disable", "--now", name), (*control, "daemon-reload")),
    )


def _plain(text: str) -> str:
    return " ".join(text.replace("%", "%%").split())


def _quoted(text: str) -> str:
    """A word as systemd reads it: in quotes, its own signs doubled."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{escaped}"'


def _quoted_word(text: str) -> str:
    """The same in a command line, where a dollar sign means something too."""
    return _quoted(text.replace("$", "$$"))


def _launchd(home: Home, grace: int, environ: Mapping[str, str], python: str) -> Service:
    label = f"com.{name_of(home, environ)}.daemon"
    path = Path(environ.get("HOME", "~")).expanduser() / "Library" / "LaunchAgents" / f"{label}.plist"
    output = str(home.logs / "daemon-output.log")
    told = {
        "Label": label,
        "ProgramArguments": _words(home, python),
        "EnvironmentVariables": _kept(home, environ),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ExitTimeOut": grace + _STOP_MARGIN,
        "ProcessType": "Background",
        "StandardOutPath": output,
        "StandardErrorPath": output,
    }
    return Service(
        path,
        plistlib.dumps(told).decode(),
        enable=(("launchctl", "load", "-w", str(path)),),
        disable=(("launchctl", "unload", "-w", str(path)),),
    )


def install(one: Service, run: Run | None = None) -> Done:
    """Write the service's file and put it in use; it is started now and at every login."""
    files.replace(one.path, one.text.encode(), mode=0o644)
    return _commanded(one, one.enable, run or ran)


def uninstall(one: Service, run: Run | None = None) -> Done:
    """Stop the service and take its file away. Raises ``NotFound`` where it was not installed."""
    if not one.path.exists():
        raise NotFound(
            f"There is no service {one.path}.", hint="'localgpt daemon stop' stops a daemon that runs."
        )
    first, *rest = one.disable
    run = run or ran
    stopped = _commanded(one, (first,), run)
    files.remove(one.path)
    after = _commanded(one, tuple(rest), run)
    return Done(one.path, stopped.ran + after.ran, stopped.left + after.left)


def _commanded(one: Service, commands: Sequence[Sequence[str]], run: Run) -> Done:
    done: list[str] = []
    for number, command in enumerate(commands):
        if not run(command):
            return Done(one.path, tuple(done), tuple(" ".join(left) for left in commands[number:]))
        done.append(" ".join(command))
    return Done(one.path, tuple(done), ())


def ran(command: Sequence[str]) -> bool:
    """Run a command of the system; whether it did its work."""
    if shutil.which(command[0]) is None:
        return False
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, timeout=_PATIENCE, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
