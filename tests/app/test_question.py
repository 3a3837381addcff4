from __future__ import annotations

import pytest

from localgpt.app.question import all_of_it, as_json, does, outcome
from localgpt.core.values import Approval, Choice, Effect, EffectKind, Origin, ToolCall

HIDDEN = "a\u202eb\u200b\x1b[31mc"


def question(*effects: Effect, shown: str = "make test", reason: str = "You did not ask for it.") -> Approval:
    moments = ("2026-11-24T01:00:00+00:00", "2026-11-24T01:10:00+00:00")
    call = ToolCall("c1", "shell", {"command": shown})
    choices = (Choice.ONCE, Choice.NO)
    return Approval("a1", call, effects, reason, shown, "s1", "t1", "page", *moments, choices, Origin.FOREIGN)


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (Effect(EffectKind.READS, ".env"), "reads .env"),
        (Effect(EffectKind.WRITES, "a.md"), "writes a.md"),
        (Effect(EffectKind.WRITES, "a.md", loses=True), "writes a.md, and replaces what is there"),
        (Effect(EffectKind.SENDS, "example.org"), "sends to example.org"),
        (Effect(EffectKind.SENDS, "network"), "may use the network"),
        (Effect(EffectKind.SPENDS, ""), "spends something"),
        (Effect(EffectKind.CHANGES, "the settings"), "changes the settings for good"),
        (Effect(EffectKind.RUNS, "make"), "runs a program that may reach more than the workspace"),
        (
            Effect(EffectKind.RUNS, "make", walled=True),
            "runs a program behind walls: without network, with no folder but the workspace",
        ),
        (Effect(EffectKind.READS, "x" * 300), f"reads {'x' * 119}…"),
        (Effect(EffectKind.READS, "a\nb"), "reads a b"),
    ],
)
def test_an_effect_in_words(effect, words):
    assert does(effect) == words


def test_effects_are_said_once_each():
    read = Effect(EffectKind.READS, "a")
    assert all_of_it(question(read, read, Effect(EffectKind.WRITES, "b"))) == "reads a; writes b"
    assert all_of_it(question()) == "does something that is not known"


def test_every_text_on_the_wire_hides_nothing():
    found = as_json(question(Effect(EffectKind.READS, HIDDEN), shown=HIDDEN, reason=HIDDEN))
    assert found["shown"] == found["reason"] == found["effects"][0]["target"] == "abc"
    assert found["choices"] == ["once", "no"]
    assert (found["id"], found["turn_id"], found["session_id"]) == ("a1", "t1", "s1")
    assert found["foreign"] is True


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ((Choice.ONCE, "", "page"), "Answered on the page: once."),
        ((Choice.NO, "use b.md", "terminal"), "Answered at another terminal: no (use b.md)."),
        ((Choice.ALWAYS, "", "phone"), "Answered at phone: always this exact thing."),
        ((Choice.NO, "nobody answered within 600 seconds", "nobody"), None),
    ],
)
def test_an_answer_from_elsewhere_is_one_line(given, line):
    assert outcome(*given) == (line or "Not answered: no (nobody answered within 600 seconds).")
