"""A question as a file."""

from __future__ import annotations

import pytest
from tests.agent.approving import approval

from localgpt.agent.approval_file import Kept, cleaned, read, written
from localgpt.core.redact import redact
from localgpt.core.values import Answer, Choice


@pytest.mark.parametrize("answer", [None, Answer(Choice.NO, "later", "page")])
def test_it_comes_back_as_it_was(answer):
    kept = Kept("abcd1234", approval(path="ü.md", n=3, deep={"a": [1, None]}), answer)
    assert read(written(kept)) == kept
    assert kept.is_open is (answer is None)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b'{"id": 1}', b"[" * 100_000, b"\xff"])
def test_what_is_not_ours_is_nothing(data):
    assert read(data) is None


def test_a_secret_is_taken_out_wherever_it_stands_and_told():
    key = "sk-ant-" + "a1" * 20
    for arguments in ({"a": key}, {"a": {"b": [key]}}):
        kept, whole = cleaned(approval(**arguments), redact)
        assert key not in written(Kept("x", kept)).decode()
        assert not whole
    assert cleaned(approval(), redact) == (approval(), True)
