"""The daemon as a service: the texts, and what is done with them."""

from __future__ import annotations

import plistlib
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from localgpt.core.errors import NotFound, UsageError
from localgpt.core.paths import Home
from localgpt.daemon import service

ENVIRON = {"HOME": "/home/me", "PATH": "/usr/bin:/opt/100%/bin", "OPENAI_API_KEY": "sk-secret"}


def of(root: str, platform: str = "linux", python: str = "/opt/py/bin/python") -> service.Service:
    home = Home(Path(root), Path(root) / "workspace")
    return service.service(home, 10, ENVIRON, platform=platform, python=python)


def test_a_systemd_unit():
    one = of("/home/me/.localgpt")
    assert one.path == Path("/home/me/.config/systemd/user/localgpt.service")
    lines = dict(
        line.split("=", 1)
        for line in one.text.splitlines()
        if line.startswith(("Exec", "Timeout", "Restart"))
    )
    assert shlex.split(lines["ExecStart"]) == [
        *("/opt/py/bin/python", "-m", "localgpt", "--home", "/home/me/.localgpt"),
        *("daemon", "start", "--foreground"),
    ]
    assert lines["TimeoutStopSec"] == "30"
    assert lines["Restart"] == "on-failure"
    assert 'Environment="PATH=/usr/bin:/opt/100%%/bin"' in one.text
    assert "WantedBy=default.target" in one.text
    assert one.enable[-1] == ("systemctl", "--user", "enable", "--now", "localgpt.service")


def test_odd_places_are_quoted_for_systemd():
    text = of('/home/me/my $notes "100%"\\x').text
    assert '"/home/me/my $$notes \\"100%%\\"\\\\x"' in text
    assert '\nDescription=LocalGPT for /home/me/my $notes "100%%"\\x\n' in text


def test_a_launchd_agent():
    one = of("/Users/me/other", "darwin")
    told = plistlib.loads(one.text.encode())
    assert one.path.name == f"{told['Label']}.plist"
    assert told["ProgramArguments"][0] == "/opt/py/bin/python"
    assert told["ProgramArguments"][-3:] == ["daemon", "start", "--foreground"]
    assert told["KeepAlive"] == {"SuccessfulExit": False}


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_no_key_gets_into_a_file_that_others_may_read(platform):
    assert "sk-secret" not in of("/home/me/.localgpt", platform).text


def test_two_homes_have_two_names_and_a_moved_workspace_is_kept():
    assert of("/home/me/a").path != of("/home/me/b").path
    moved = service.service(Home(Path("/a"), Path("/w")), 10, ENVIRON, platform="linux", python="/p")
    assert 'Environment="LOCALGPT_WORKSPACE=/w"' in moved.text


def test_other_systems_are_told():
    with pytest.raises(UsageError, match="systemd and launchd"):
        of("/a", "plan9")


def one_in(folder: Path) -> service.Service:
    return service.Service(folder / "deep" / "x.service", "text", (("a", "1"), ("b", "2")), (("c",), ("d",)))


def test_install_writes_and_runs(tmp_path):
    one = one_in(tmp_path)
    seen: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> bool:
        seen.append(command)
        return True

    done = service.install(one, run)
    assert one.path.read_text() == "text"
    assert (done.ran, done.left) == (("a 1", "b 2"), ())
    assert service.uninstall(one, run).ran == ("c", "d")
    assert not one.path.exists()
    assert seen == [("a", "1"), ("b", "2"), ("c",), ("d",)]


def test_what_can_not_be_run_is_left_to_the_owner(tmp_path):
    one = one_in(tmp_path)
    assert service.install(one, lambda command: command[0] != "b").left == ("b 2",)
    assert service.install(one, lambda _: False).left == ("a 1", "b 2")
    assert service.uninstall(one, lambda _: False).left == ("c", "d")
    with pytest.raises(NotFound, match="no service"):
        service.uninstall(one, lambda _: True)


@pytest.mark.parametrize(
    ("command", "done"), [("true", True), ("false", False), ("no-such-command-at-all", False)]
)
def test_commands_of_the_system(command, done):
    assert service.ran([command]) == done
