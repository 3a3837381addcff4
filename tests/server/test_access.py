"""Who may come in: names, origins, the token, the sessions of browsers."""

from __future__ import annotations

import stat

import pytest

from localgpt.core import config
from localgpt.core.errors import ConfigError
from localgpt.server.access import MOST_SESSIONS, Access


@pytest.fixture
def access(tmp_path):
    made = Access(tmp_path / "state")
    made.listen("127.0.0.1", 31327)
    return made


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:31327", True),
        ("localhost:31327", True),
        ("LocalHost:31327", True),
        ("[::1]:31327", True),
        ("127.0.0.1", False),
        ("127.0.0.1:80", False),
        ("localhost:8080", False),
        ("evil.example", False),
        ("evil.example:31327", False),
        ("127.0.0.1:31327.evil.example", False),
        ("localhost.:31327", False),
        ("10.0.0.5:31327", False),
        ("", False),
        ("[", False),
        ("127.0.0.1:31327:31327", False),
        ("user@127.0.0.1:31327", False),
    ],
)
def test_only_names_of_this_machine_with_the_port_are_ours(access, host, known):
    assert access.knows_host(host) is known


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("10.0.0.5:8443", True),
        ("[fe80::1]:8443", True),
        ("mine.example:8443", True),
        ("mine.example", True),
        ("evil.example:8443", False),
        ("10.0.0.5:80", False),
        ("10.0.0.5.evil.example:8443", False),
    ],
)
def test_beyond_this_machine_bare_addresses_and_named_hosts_are_ours(tmp_path, host, known):
    access = Access(tmp_path, hosts=("mine.example",))
    access.listen("0.0.0.0", 8443, tls=True)
    assert access.knows_host(host) is known


def test_the_usual_port_may_be_left_out(tmp_path):
    access = Access(tmp_path)
    access.listen("127.0.0.1", 80)
    assert access.knows_host("localhost")
    assert access.knows_host("localhost:80")


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://localhost:31327", True),
        ("http://127.0.0.1:31327", False),
        ("https://localhost:31327", False),
        ("http://localhost:31328", False),
        ("http://localhost", False),
        ("null", False),
        ("http://localhost:31327.evil.example", False),
    ],
)
def test_a_page_is_ours_only_at_the_very_address_it_asks(access, origin, own):
    assert access.is_own_origin(origin, "localhost:31327") is own


def test_a_named_host_may_stand_behind_a_proxy_with_https(tmp_path):
    access = Access(tmp_path, hosts=("mine.example",))
    access.listen("127.0.0.1", 31327)
    assert access.is_own_origin("https://mine.example", "mine.example")
    assert not access.is_own_origin("https://localhost:31327", "localhost:31327")


def test_the_token_is_made_once_and_is_nobody_elses(tmp_path):
    first = Access(tmp_path / "state").token
    assert len(first) >= 40
    assert Access(tmp_path / "state").token == first
    assert stat.S_IMODE((tmp_path / "state" / "token").stat().st_mode) == 0o600
    assert Access(tmp_path / "other").token != first


def test_a_broken_token_file_gets_a_new_token(tmp_path):
    (tmp_path / "token").write_bytes(b"\xff\n")
    assert len(Access(tmp_path).token) >= 40


@pytest.mark.parametrize(
    ("header", "fits"),
    [
        ("Bearer {}", True),
        ("bearer {} ", True),
        ("Bearer {}x", False),
        ("{}", False),
        ("Basic {}", False),
        ("Bearer é", False),
        ("", False),
    ],
)
def test_the_token_has_to_be_a_bearers(access, header, fits):
    assert access.is_token(header.format(access.token)) is fits


def test_a_token_of_the_owners_counts_instead(home):
    home.root.mkdir()
    home.config.write_text('[server]\nauth_token = "correct-horse-battery"\n')
    access = Access.of(home, config.load(home))
    assert access.is_token("Bearer correct-horse-battery")
    assert not (home.state / "token").exists()
    with pytest.raises(ConfigError, match="16 characters"):
        Access(home.state, token="short")


def test_a_browser_needs_its_cookie_and_its_key_also_after_a_restart(access):
    cookie, key = access.begin()
    other_cookie, other_key = access.begin()
    later = Access(access.state)
    assert later.is_session(cookie, key)
    assert later.is_session(other_cookie, other_key)
    for wrong in [(cookie, ""), ("", key), (cookie, other_key), (other_cookie, key), (key, cookie)]:
        assert not later.is_session(*wrong)
    kept = (access.state / "browsers.json").read_text()
    assert cookie not in kept
    assert key not in kept


def test_who_logs_out_is_out_and_the_oldest_browser_goes_when_there_are_many(access):
    first, second = access.begin(), access.begin()
    access.end(second[0])
    access.end("nobody")
    assert not access.is_session(*second)
    newest = [access.begin() for _ in range(MOST_SESSIONS)]
    assert all(access.is_session(*pair) for pair in newest)
    assert not access.is_session(*first)


def test_a_broken_file_of_browsers_lets_nobody_in(access):
    pair = access.begin()
    (access.state / "browsers.json").write_text("[1]")
    assert not access.is_session(*pair)
    assert access.is_session(*access.begin())


def test_the_cookies_name_carries_the_port(access):
    assert access.cookie == "localgpt-31327"
