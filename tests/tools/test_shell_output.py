from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.values import Origin
from localgpt.security.sandbox.result import Result
from localgpt.tools.shell_output import both, middle_out, shown


@given(st.text(max_size=400), st.integers(100, 300))
def test_a_text_keeps_its_ends(text, limit):
    cut = middle_out(text, limit)
    assert len(cut) <= max(limit, min(len(text), limit))
    assert cut[:20] == text[:20]
    assert cut[-20:] == text[-20:]


def test_foreign_output_is_fenced_and_keys_are_out():
    key = "sk-ant-" + "a1" * 20
    assert shown(f"x {key}\n", Origin.FOREIGN, "ab12") == (
        "<<<foreign ab12 from a command>>>\nx [redacted:anthropic-key]\n<<<end ab12>>>"
    )
    assert shown("x\n", Origin.ASSISTANT, "ab12") == "x"
    assert shown("", Origin.FOREIGN, "ab12") == ""


def test_both_streams_are_told_apart():
    assert both(Result(0, "a", "b\n", 1, "full")) == "a\n[errors]\nb\n"
    assert both(Result(0, "a", " \n", 1, "full")) == "a"
