"""A conversation's messages as JSON."""

from __future__ import annotations

from localgpt.agent.sessions import Sessions
from localgpt.core.values import Attached, Message, Role, Stop, Text, Thinking, ToolCall, ToolResult, Usage
from localgpt.server import messages


def test_every_kind_of_message_has_its_shape(tmp_path, clock):
    session = Sessions(tmp_path, clock=clock).new()
    file = Attached("a" * 64, "image/png", "cat.png", "abcd")
    session.append(Message(Role.USER, (file, Text("look"))), turn="t1")
    call = ToolCall("c", "read_file", {"path": "ä.md"})
    session.append(Message(Role.ASSISTANT, (Thinking("hm"), call)), model="m", turn="t1")
    session.append(Message(Role.TOOL, (ToolResult("c", "read_file", "text", is_error=True),)), turn="t1")
    last = session.append(
        Message(Role.ASSISTANT, (Text("see [a.md:1] and [b.md:2]"),)),
        model="m",
        usage=Usage(1, 2),
        stop=Stop.DONE,
        turn="t1",
    )
    session.compact("a summary", last, tokens_before=9)
    every = messages.said(session)
    assert messages.cited_paths(every) == {"a.md", "b.md"}
    user, call_shape, result, reply, summary = (
        messages.as_json(one, {"a.md": 1}, html=True) for one in every
    )
    assert user["attachments"] == [{"sha256": "a" * 64, "name": "cat.png", "media_type": "image/png"}]
    assert (call_shape["thinking"], call_shape["content"]) == ("hm", None)
    assert call_shape["tool_calls"][0]["arguments"] == '{"path": "ä.md"}'
    assert (result["role"], result["content"], result["is_error"]) == ("toolResult", "text", True)
    assert [one["valid"] for one in reply["citations"]] == [True, False]
    assert reply["usage"]["output"] == 2
    assert (summary["role"], "a summary" in summary["content"]) == ("system", True)
    assert {one["turn_id"] for one in (user, call_shape, result, reply)} == {"t1"}
    assert all(one["html"] is not None for one in (user, reply, summary))


def test_files_of_others_are_read_too(tmp_path):
    lines = [
        '{"type":"session","version":1,"id":"x"}',
        '{"type":"message","message":{"role":"user","content":"hi"}}',
        "broken",
        '{"type":"message","message":{"role":"assistant","content":[{"type":"text","text":"ho"}]}}',
    ]
    (tmp_path / "x.jsonl").write_text("\n".join(lines) + "\n")
    found = [messages.as_json(one, {}) for one in messages.said(Sessions(tmp_path).open("x"))]
    assert [(one["role"], one["content"], one["timestamp"]) for one in found] == [
        ("user", "hi", None),
        ("assistant", "ho", None),
    ]


def test_a_window_begins_with_the_owners_words(tmp_path, clock):
    session = Sessions(tmp_path, clock=clock).new()
    for n in range(3):
        session.append(Message(Role.USER, (Text(f"question {n}"),)))
        session.append(Message(Role.ASSISTANT, (ToolCall("c", "read_file", {}),)))
        session.append(Message(Role.TOOL, (ToolResult("c", "read_file", "text"),)))
        session.append(Message(Role.ASSISTANT, (Text(f"answer {n}"),)))
    every = messages.said(session)
    newest, more = messages.window(every, 2, None)
    assert ([one.message.text for one in newest if one.message.text], more) == (
        ["question 2", "answer 2"],
        True,
    )
    older, more = messages.window(every, 5, newest[0].entry.line)
    assert (next(one.message.text for one in older if one.message.text), len(older), more) == (
        "question 0",
        8,
        False,
    )
    assert messages.window(every, None, None) == (every, False)
    assert messages.window([], 5, 1) == ([], False)
