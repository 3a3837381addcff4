"""Keys and passwords: where they lie, how they are found, and that nobody else learns of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from localgpt.core import secrets
from localgpt.core.config_names import is_reference
from localgpt.core.errors import ConfigError, NotFound, StorageError, UsageError
from localgpt.core.secrets import Keys, told_by


class Ring:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, name: str) -> str | None:
        if self.locked:
            raise RuntimeError("the keyring is locked; password hunter2")
        return self.held.get((service, name))

    def set_password(self, service: str, name: str, key: str) -> None:
        self.held[service, name] = key

    def delete_password(self, service: str, name: str) -> None:
        del self.held[service, name]


@pytest.fixture
def no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "keyring", lambda: None)


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setattr(secrets, "keyring", lambda: made)
    return made


@pytest.fixture
def script(tmp_path: Path):
    def make(text: str) -> str:
        path = tmp_path / "tell.py"
        path.write_text(text)
        return f"command:{sys.executable} {path}"

    return make


def test_what_is_no_reference_is_the_key_itself(tmp_path: Path) -> None:
    assert Keys(tmp_path).reveal("sk-plain") == "sk-plain"
    assert not is_reference("sk-plain")


@pytest.mark.usefixtures("no_ring")
def test_a_key_is_kept_in_a_file_for_its_owner_only(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    assert keys.set("anthropic", "sk-secret") == "file"
    kept = tmp_path / "secrets.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert Keys(tmp_path).reveal("secret:anthropic") == "sk-secret"
    assert keys.names() == {"anthropic": "file"}


def test_a_keyring_keeps_it_out_of_every_file(tmp_path: Path, ring: Ring) -> None:
    keys = Keys(tmp_path)
    assert keys.set("anthropic", "sk-secret") == "keyring"
    assert json.loads((tmp_path / "secrets.json").read_text()) == {"anthropic": None}
    assert keys.reveal("secret:anthropic") == "sk-secret"
    assert Keys(tmp_path / "other").names() == {}
    keys.remove("anthropic")
    assert ring.held == {}
    assert keys.names() == {}


def test_two_homes_have_keys_of_their_own(tmp_path: Path, ring: Ring) -> None:
    Keys(tmp_path / "a").set("x", "one")
    Keys(tmp_path / "b").set("x", "two")
    assert Keys(tmp_path / "a").get("x") == "one"
    assert len(ring.held) == 2


def test_a_locked_keyring_is_one_sentence_without_its_words(tmp_path: Path, ring: Ring) -> None:
    Keys(tmp_path).set("x", "one")
    ring.locked = True
    with pytest.raises(StorageError, match="keyring refused") as refused:
        Keys(tmp_path).reveal("secret:x")
    assert "hunter2" not in refused.value.message


@pytest.mark.usefixtures("no_ring")
def test_a_new_key_counts_at_once(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    keys.set("x", "old")
    assert keys.reveal("secret:x") == "old"
    keys.set("x", "new")
    assert keys.reveal("secret:x") == "new"
    keys.remove("x")
    with pytest.raises(ConfigError, match="No key is kept under the name x"):
        keys.reveal("secret:x")
    with pytest.raises(NotFound):
        keys.remove("x")


@pytest.mark.usefixtures("no_ring")
@pytest.mark.parametrize("name", ["", "../x", "a b", "x" * 101, "-x"])
def test_names_that_cant_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="can't be a key's name"):
        Keys(tmp_path).set(name, "key")


@pytest.mark.usefixtures("no_ring")
@pytest.mark.parametrize("key", ["", "  ", "a\0b", "x" * 20_001])
def test_keys_that_cant_be(tmp_path: Path, key: str) -> None:
    with pytest.raises(UsageError, match="can't be a key"):
        Keys(tmp_path).set("x", key)


@pytest.mark.usefixtures("no_ring")
def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(StorageError, match="damaged"):
        Keys(tmp_path).names()


def test_a_program_tells_a_key_once(tmp_path: Path, script) -> None:
    count = tmp_path / "count"
    reference = script(f"open({str(count)!r}, 'a').write('x'); print('sk-told'); print('more')")
    told: list[str] = []
    keys = Keys(tmp_path, told=told.append)
    assert [keys.reveal(reference) for _ in range(3)] == ["sk-told"] * 3
    assert count.read_text() == "x"
    assert told == ["sk-told"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("print('sk-half'); raise SystemExit(3)", "ended with 3"),
        ("print()", "printed nothing"),
        ("import sys; sys.stderr.write('sk-error'); sys.exit(1)", "ended with 1"),
    ],
)
def test_a_program_that_tells_none(script, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as raised:
        told_by(script(text).removeprefix("command:"))
    assert "sk-" not in str(raised.value)


@pytest.mark.parametrize("line", ["", "no-such-program-anywhere x", "'unbalanced"])
def test_what_is_no_program(line: str) -> None:
    with pytest.raises(ConfigError, match="told no key: it can't be started"):
        told_by(line)


def test_a_program_that_takes_too_long(script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "PATIENCE", 0.2)
    with pytest.raises(ConfigError, match="took more than"):
        told_by(script("import time; time.sleep(20)").removeprefix("command:"))


def test_no_shell_reads_the_line(tmp_path: Path, script) -> None:
    line = script("import sys; print(sys.argv[1])").removeprefix("command:")
    assert told_by(f"{line} '$(touch {tmp_path}/made)'") == f"$(touch {tmp_path}/made)"
    assert not (tmp_path / "made").exists()


def test_a_keyring_without_a_backend_is_none() -> None:
    pytest.importorskip("keyring")
    import keyring
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    try:
        assert secrets.keyring() is None
    finally:
        keyring.set_keyring(before)
