from __future__ import annotations

from localgpt.security.sandbox.plan import Plan
from localgpt.security.sandbox.seatbelt import profile, quoted


def test_everything_is_denied_but_what_is_named_and_what_is_closed_comes_last():
    plan = Plan(("ls",), "/w", ("/w",), closed=("/w/AGENTS.md",), reserved=("/w/skills/",))
    lines = profile(plan, "/private/tmp/x").splitlines()
    assert lines[:2] == ["(version 1)", "(deny default)"]
    write = next(at for at, line in enumerate(lines) if line.startswith("(allow file-read* file-write*"))
    closed = lines.index('(deny file-write* (subpath "/w/AGENTS.md") (subpath "/w/skills"))')
    assert write < closed
    assert '(subpath "/w")' in lines[write]
    assert '(subpath "/private/tmp/x")' in lines[write]
    assert "(deny network*)" in lines
    assert "(allow network*)" in profile(Plan(("ls",), "/w", network=True), "/x")
    assert all(line.count("(") == line.count(")") for line in lines)


def test_a_path_cannot_end_its_own_text():
    assert quoted('/a" (allow default) "\\') == '"/a\\" (allow default) \\"\\\\"'
