from __future__ import annotations

import os

import pytest

from localgpt.desktop import native


def test_it_takes_an_address_and_a_folder(capsys):
    assert native.main(["one"]) == 2
    assert "DOOR STORAGE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "first"), [("de_DE.UTF-8", "Datei"), ("en_GB", "File"), ("", "File"), ("fr", "File")]
)
def test_the_menu_speaks_the_owners_language(language, first):
    assert native.words(language)[0] == first
    assert len(native.words(language)) == 10


@pytest.mark.parametrize(("user", "flags"), [(0, "--x --no-sandbox"), (1000, "--x")])
def test_only_root_does_without_the_engines_sandbox(user, flags, monkeypatch):
    monkeypatch.setenv("QTWEBENGINE_CHROMIUM_FLAGS", "--x")
    monkeypatch.setenv("QTWEBENGINE_DISABLE_SANDBOX", "")
    monkeypatch.setattr("os.geteuid", lambda: user)
    native._suit_root()
    assert os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] == flags
