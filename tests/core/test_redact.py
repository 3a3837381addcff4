"""Taking secrets out of text: what goes, what stays, how long it takes."""

from __future__ import annotations

import time
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localgpt.core.redact import Redactor, redact

A36 = "aB3dEfGh1jKlMn0pQrStUvWxYz0123456789"
PEM = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"


def made(*parts: str) -> str:
    """A secret put together here, so that no scanner takes this file for a leak."""
    return "".join(parts)


SECRETS = {
    "anthropic-key": [made("sk-", "ant-api03-", A36), made("sk-", "ant-oat01-", A36, "-", A36)],
    "openai-key": [made("sk-", A36), made("sk-", "proj-", A36, "_", A36), made("sk-", "or-v1-", A36)],
    "stripe-key": [made("sk_", "live_", A36), made("rk_", "test_", A36)],
    "github-token": [made("gh", "p_", A36), made("gh", "s_", A36), made("github_", "pat_", A36, "_", A36)],
    "gitlab-token": [made("gl", "pat-", A36[:20])],
    "slack-token": [made("xo", "xb-123456789012-", A36), made("xa", "pp-1-A01-", A36)],
    "aws-key": [made("AK", "IAIOSFODNN7EXAMPLE")],
    "google-key": [made("AI", "za", A36[:35])],
    "huggingface-token": [made("h", "f_", A36)],
    "npm-token": [made("np", "m_", A36)],
    "pypi-token": [made("py", "pi-", A36, A36)],
    "telegram-token": [made("123456789", ":AA", A36[:33])],
    "jwt": [made("ey", "JhbGciOiJIUzI1NiJ9.", "ey", "JzdWIiOiIxMjM0In0.", A36)],
    "private-key": [
        f"-----BEGIN PRIVATE KEY-----\n{PEM}\n{PEM}==\n-----END PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128-CBC,00\n\n{PEM}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\\n{PEM}\\n-----END OPENSSH PRIVATE KEY-----",
        f"-----BEGIN EC PRIVATE KEY-----\n{PEM}\n{PEM}",
    ],
}


@pytest.mark.parametrize(("kind", "secret"), [(kind, one) for kind, all_ in SECRETS.items() for one in all_])
@pytest.mark.parametrize("around", ["{}", "key {} here", '"{}"', "\\n{}\\n", "({}),", "K\u00e4se: {}\n"])
def test_known_shapes_go_wherever_they_stand(kind, secret, around):
    assert redact(around.format(secret)) == around.format(f"[redacted:{kind}]")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("password=hunter2", "password=[redacted:password]"),
        ("DB_PASSWORD=hunter2 next", "DB_PASSWORD=[redacted:password] next"),
        ("?user=me&token=abcd&x=1", "?user=me&token=[redacted:password]&x=1"),
        ('{"api_key": "abcd1234efgh"}', '{"api_key": "[redacted:password]"}'),
        (r"{\"apiKey\":\"abcd1234efgh\"}", r"{\"apiKey\":\"[redacted:password]\"}"),
        ("client_secret = 'q9wertzu!x'", "client_secret = '[redacted:password]'"),
        ("Passwort: geheim123", "Passwort: [redacted:password]"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7", "aws_secret_access_key = [redacted:password]"),
        (f"Authorization: Bearer {A36}", "Authorization: Bearer [redacted:bearer]"),
        ("postgres://me:pa55@db:5432/x", "postgres://[redacted:login]@db:5432/x"),
        ("https://:tok@host and http://a:b@c", "https://[redacted:login]@host and http://[redacted:login]@c"),
    ],
)
def test_what_is_called_a_secret_goes(text, clean):
    assert redact(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The password is on the yellow note.",
        "Password: see the vault",
        "Password: required",
        "Das Passwort: bitte merken!",
        "token=None password=true secret=null",
        "password=$DB_PASSWORD token=${TOKEN} api_key=%s secret=<yours>",
        "password=read_password() token = tokens[3]",
        "max_tokens: 4096, tokens: 123456789",
        "Secret Santa is on 2026-12-24: bring 1 gift",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "550e8400-e29b-41d4-a716-446655440000",
        "task-force-aaaaaaaaaaaaaaaaaaaaaaaa risk-" + A36,
        "sk-internationalization and sk-learn",
        "the bearer of internationalization",
        "https://example.com:8080/a@b and mailto:me@example.com",
        "ssh://git@github.com/x/y",
        "see memory/2026-11-23.md:12 at 12:30:45",
        "AKIA is a prefix; ghp_ too; eyJ as well",
        "-----BEGIN CERTIFICATE-----\n" + PEM + "\n-----END CERTIFICATE-----",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
        "\u5bc6\u7801 \u662f\u4ec0\u4e48\uff1f Wie lautet das Kennwort?",
    ],
)
def test_ordinary_text_stays(text):
    assert redact(text) == text


def test_text_after_a_key_without_its_end_stays():
    text = "-----BEGIN PRIVATE KEY-----\nis how such a file begins, and then some more."
    assert redact(text) == "[redacted:private-key]\nis how such a file begins, and then some more."


def test_the_owners_own_secrets_go_wherever_they_stand():
    hide = Redactor(["correct horse", "correct horse battery", "short", "a.b*c(d)e"])
    assert hide("xcorrect horse batteryx, correct horse") == "x[redacted:own-secret]x, [redacted:own-secret]"
    assert hide("a.b*c(d)e aXb") == "[redacted:own-secret] aXb"
    assert hide("short stays: it would hide half the text") == "short stays: it would hide half the text"


PIECES = st.sampled_from(
    [one for all_ in SECRETS.values() for one in all_]
    + [
        "password=",
        "token: ",
        "://",
        ":",
        "@",
        "-",
        "a1b2c3d4",
        "[redacted:",
        "]",
        "Bearer ",
        " ",
        "\n",
        '"',
        "=",
    ]
    + ["sk-", "eyJ", "-----BEGIN PRIVATE KEY-----", "-----END ", "[redacted:jwt]", "own secret"]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join)


@given(TEXTS)
def test_twice_is_the_same_as_once(text):
    assert redact(redact(text)) == redact(text)


@settings(max_examples=50)
@given(TEXTS, st.lists(st.text(min_size=8, max_size=12) | st.just("redacted"), max_size=3))
def test_own_secrets_are_gone_and_stay_gone(text, own):
    hide = Redactor([*own, "own secret"])
    clean = hide(text)
    assert hide(clean) == clean
    assert "own secret" not in clean


HOSTILE = (
    "a", " ", "-", "sk-", "sk-a", "eyJ", "eyJabcdefgh.", "token:", "token= ", "pass", "://", "://a:", "12345678:",
    "Bearer ", "[redacted:", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----A-", "token=aaaaaaaa(",
    "password: aaaaaaaa", "-----BEGIN RSA ", "\\n", "The password of the lazy dog, sk- and so on. ", "\u00fc\u5bc6",
)  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("start", ["", "-----BEGIN PRIVATE KEY-----\n", "://", "password: ", "sk-ant-"])
def test_a_megabyte_takes_a_moment_whatever_is_in_it(unit, start):
    text = start + unit * (100_000 // len(unit))
    begin = time.process_time()
    redact(text)
    assert time.process_time() - begin < 0.5  # 0.03 are usual; quadratic time would take minutes


@pytest.mark.parametrize(
    "spelled",
    [
        "p%2Fq%2B1%3D%22x%26%C3%A4z",
        "p%2fq%2b1%3d%22x%26%c3%a4z",
        "p/q%2B1%3D%22x%26%C3%A4z",
        'p/q+1=\\"x&äz',
        'p/q+1=\\"x&\\u00e4z',
    ],
)
def test_the_owners_own_secrets_go_as_addresses_json_and_base64_spell_them(spelled):
    key = 'p/q+1="x&äz'
    hide = Redactor([key])
    assert hide(f"Basic {b64encode(key.encode()).decode()}") == "Basic [redacted:own-secret]"
    assert hide(f"https://x.test/?k={spelled}&y=1").startswith("https://x.test/?k=[redacted:own-secret]")


def test_the_owners_own_keys_are_taken_out_once_they_are_known(monkeypatch):
    from localgpt.core import redact as room

    monkeypatch.setattr(room, "_own", set())
    room._plain.cache_clear()
    room.know(["correct horse battery", "short"])
    try:
        assert room.redact("it is correct horse battery, short") == "it is [redacted:own-secret], short"
        assert room.keys_only()("correct horse battery") == "[redacted:own-secret]"
    finally:
        monkeypatch.undo()
        room._plain.cache_clear()
        room.keys_only.cache_clear()


def test_only_keys_leaves_what_an_owner_asks_for():
    from localgpt.core.redact import keys_only

    text = f"wifi password: sunny-day-42, key sk-ant-{'0123456789abcdef' * 2}"
    assert keys_only()(text) == "wifi password: sunny-day-42, key [redacted:anthropic-key]"
    assert keys_only()("https://me:hunter2@host/") == "https://[redacted:login]@host/"


def test_found_tells_where_and_what():
    from localgpt.core.redact import Redactor

    text = "a\nAKIAABCDEFGHIJKLMNOP and password=hunter22 [redacted:jwt]"
    assert [(text[at : at + 4], kind) for at, kind in Redactor().found(text)] == [
        ("AKIA", "aws key"),
        ("pass", "password"),
    ]
