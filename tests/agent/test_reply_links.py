"""The links of a conversation's replies."""

from __future__ import annotations

from localgpt.agent import reply_links
from localgpt.agent.reply_links import ReplyLinks
from localgpt.agent.sessions import Sessions
from localgpt.core.values import Message, Origin, Role, Text, ToolResult


def test_what_a_page_listed_may_be_a_link_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(reply_links, "_FRESH", 0.0)
    session = Sessions(tmp_path).new()
    session.append(Message(Role.USER, (Text("what is new at good.example?"),)))
    links = ReplyLinks(session)
    assert links("https://anything.example/?q=1")
    result = ToolResult("1", "web_fetch", "read https://news.example/a", origin=Origin.FOREIGN)
    session.append(Message(Role.TOOL, (result,)), details={"origin": "foreign"})
    assert not links("https://anything.example/?q=1")
    assert links("https://news.example/a")
    assert links("https://good.example/new")
