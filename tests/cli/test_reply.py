from __future__ import annotations

import asyncio

import pytest

from localgpt.cli import reply
from localgpt.cli.reply import PlainView, TerminalView, memory_line
from localgpt.core.events import (
    Citation,
    ContextReady,
    Event,
    Level,
    MemoryWritten,
    Notice,
    Retracted,
    TextDelta,
    ThinkingDelta,
    ToolFinished,
    ToolStarted,
    TurnFinished,
)
from localgpt.core.values import Hit, Piece, PieceKind, Span, Stop, ToolCall


def piece(path: str, start: int, end: int) -> Piece:
    hit = Hit(path, start, end, "text", 1.0, "notes")
    return Piece(PieceKind.PASSAGE, "text", "found", path, start, end, hit=hit)


def finished(*spans: Span, stop: Stop = Stop.DONE, error: str = "") -> TurnFinished:
    cited = tuple(Citation(span) for span in spans)
    return TurnFinished("t", "s", "m", "", stop, citations=cited, error=error)


CALL = ToolCall("1", "read_file", {"path": "a\nb.md"})
TURN: list[Event] = [
    ContextReady((piece("a.md", 1, 9), piece("b.md", 1, 2))),
    ThinkingDelta("hm"),
    TextDelta("**Fou"),
    TextDelta("r.**\n\nNext"),
    ToolStarted(CALL),
    ToolFinished(CALL, "There is no file.", is_error=True),
    ToolStarted(ToolCall("2", "remember", {"text": "x"})),
    MemoryWritten(Span("memory/2026-03-01.md", 4, 4), "- 09:00 the bike lock\n"),
    Notice("Careful.", Level.WARNING),
    TextDelta("Done."),
    finished(Span("a.md", 2, 2)),
]


def test_a_turn_on_a_terminal(make_screen, shown):
    screen = make_screen()
    view = TerminalView(screen)
    for event in TURN:
        view.show(event)
    assert shown(screen) == (
        "Four.\n\nNext\n\n"
        "· read_file a b.md\n"
        "· read_file: There is no file.\n"
        "+ memory/2026-03-01.md:4  the bike lock\n"
        "Careful.\n"
        "\nDone.\n\n"
        "memory: a.md:2 (1 more passage looked at)\n"
    )


def test_a_turn_into_a_pipe(make_screen, shown, said):
    screen = make_screen(terminal=False)
    view = PlainView(screen)
    for event in TURN:
        view.show(event)
    assert shown(screen) == "**Four.**\n\nNextDone.\n"
    assert said(screen) == "+ memory/2026-03-01.md:4  the bike lock\nCareful.\n"


def test_words_tick_by_until_their_block_is_whole(make_screen, shown, said):
    screen = make_screen()
    view = TerminalView(screen)
    view.show(TextDelta("one two"))
    assert said(screen) == "\r\x1b[2Kone two"
    assert shown(screen) == ""
    view.show(TextDelta(" three\n\n"))
    assert shown(screen) == "one two three\n\n"
    assert said(screen).endswith("\r\x1b[2K")


def test_what_is_taken_back_and_not_printed_yet_never_shows(make_screen, shown):
    screen = make_screen()
    view = TerminalView(screen)
    for event in (TextDelta("wrong"), Retracted(), TextDelta("right"), finished()):
        view.show(event)
    assert shown(screen) == "right\n\n"


def test_what_is_taken_back_after_it_was_printed_is_disowned(make_screen, shown, said):
    terminal, pipe = make_screen(), make_screen(terminal=False)
    for view in (TerminalView(terminal), PlainView(pipe)):
        for event in (TextDelta("wrong\n\nwro"), Retracted(), TextDelta("right"), finished()):
            view.show(event)
    assert shown(terminal) == (
        "wrong\n\n(what came so far is taken back; the reply begins again)\n\nright\n\n"
    )
    assert shown(pipe) == "wrong\n\nwro\nright\n"
    assert said(pipe) == "(what came so far is taken back; the reply begins again)\n"


def test_without_markdown_the_text_stands_as_it_is(make_screen, shown):
    screen = make_screen()
    view = TerminalView(screen, markdown=False)
    view.show(TextDelta("**a**\n\n\x1b[2Jb"))
    view.show(finished())
    assert shown(screen) == "**a**\n\nb\n\n"


@pytest.mark.parametrize(
    ("event", "last"),
    [
        (finished(stop=Stop.LENGTH), "(the model's limit of length was reached)"),
        (finished(error="It fell over."), "Half"),
    ],
)
def test_how_a_reply_may_end(make_screen, shown, event, last):
    screen = make_screen()
    view = TerminalView(screen)
    view.show(TextDelta("Half"))
    view.show(event)
    assert shown(screen).rstrip().splitlines()[-1] == last


@pytest.mark.parametrize("terminal", [True, False])
def test_a_stopped_reply_keeps_what_came(make_screen, shown, terminal):
    screen = make_screen(terminal=terminal)
    closed = []

    async def events():
        try:
            yield TextDelta("As far as ")
            await asyncio.sleep(60)
        finally:
            closed.append(True)

    async def stopped() -> None:
        task = asyncio.create_task(reply.show(events(), reply.view(screen)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(stopped())
    assert closed == [True]
    assert shown(screen).splitlines() == (["As far as", "", "(stopped)"] if terminal else ["As far as "])


def test_showing_gives_back_how_the_turn_ended(make_screen):
    async def events():
        yield TextDelta("x")
        yield finished(error="No.")

    end = asyncio.run(reply.show(events(), reply.view(make_screen())))
    assert end is not None
    assert end.error == "No."


def test_tools_and_memory_writes_take_a_line_and_notices_what_they_need(make_screen, shown):
    screen = make_screen(width=30)
    view = TerminalView(screen)
    view.show(MemoryWritten(Span("MEMORY.md", 4, 4), "word " * 20))
    view.show(Notice("word " * 20))
    written, notice = shown(screen).splitlines()
    assert len(written) == 29
    assert notice == "word " * 20


def test_a_huge_block_is_not_rendered(make_screen, shown):
    screen = make_screen()
    view = TerminalView(screen)
    view.show(TextDelta("**x** " * 100_000))
    view.show(finished())
    assert shown(screen).startswith("**x** **x**")


CITED = (
    Citation(Span("a.md", 2, 2)),
    Citation(Span("a.md", 2, 2)),
    Citation(Span("gone.md", 1, 1), valid=False),
)


@pytest.mark.parametrize(
    ("pieces", "citations", "line"),
    [
        ([], [], ""),
        ([piece("a.md", 1, 9)], CITED, "memory: a.md:2"),
        ([piece("a.md", 3, 9)], CITED, "memory: a.md:2 (1 more passage looked at)"),
        ([piece("a.md", 1, 9)] * 2, [], "memory: 2 passages looked at, none cited"),
        (
            [],
            [Citation(Span(f"{n}.md", 1, 1)) for n in range(7)],
            "memory: 0.md:1, 1.md:1, 2.md:1, 3.md:1, 4.md:1, ...",
        ),
        ([Piece(PieceKind.NOTE, "text", "always loaded", "MEMORY.md", 1, 3)], [], ""),
    ],
)
def test_which_memory_was_used(pieces, citations, line):
    assert memory_line(pieces, citations) == line


def test_only_the_mark_of_a_list_is_left_out():
    event = MemoryWritten(Span("a.md", 1, 1), "- 20:01 **bold** claims - and * stars\n")
    assert reply.written(event) == "+ a.md:1  **bold** claims - and * stars"


def test_a_call_tells_what_is_true_by_its_name():
    call = ToolCall(
        "1", "shell", {"command": "make", "network": True, "background": False, "folders": ["a", "b"]}
    )
    assert reply.called(call) == "shell make, network, a b"


def test_a_file_that_went_has_no_line():
    assert reply.written(MemoryWritten(Span("a.md", 0, 0), "")) == "- a.md  (deleted, or empty)"
