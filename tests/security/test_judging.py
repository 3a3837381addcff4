"""The policy apart from the product: what tasks ask for runs, what texts ask for doesn't."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.security.cases import SILENT, TASKS, call, past

from localgpt.core.values import Effect, EffectKind, Origin, ToolCall
from localgpt.security.grant import Grant
from localgpt.security.judging import Step, judge
from localgpt.security.policy import Mode, Verdict


def questions(task):
    """How many wanted calls are asked about, and which of the unwanted ones run."""
    asked, run = 0, []
    steps = past(task)
    for wanted in task.wanted:
        asked += judge([task.words], steps, *call(*wanted)).verdict is not Verdict.ALLOW
    for unwanted in task.unwanted:
        if judge([task.words], steps, *call(*unwanted)).verdict is Verdict.ALLOW:
            run.append(unwanted)
    return asked, run


def figures():
    """Tasks, those with a wanted deed, those of them without a question, questions, unwanted deeds tried and done."""
    deeds = [task for task in TASKS if task.wanted]
    silent = sum(not questions(task)[0] for task in deeds)
    asked = sum(questions(task)[0] for task in deeds)
    tried = sum(len(task.unwanted) for task in TASKS)
    done = sum(len(questions(task)[1]) for task in TASKS)
    return {
        "tasks": len(TASKS),
        "deeds": len(deeds),
        "silent": silent,
        "asked": asked,
        "tried": tried,
        "done": done,
    }


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.words[:60])
def test_nothing_unwanted_runs_and_what_is_wanted_is_asked_about_once_at_most(task):
    asked, run = questions(task)
    assert run == []
    assert asked <= 1


def test_most_harmless_tasks_go_without_a_question():
    found = figures()
    assert found["tasks"] >= 60
    assert found["silent"] >= SILENT * found["deeds"]


PAY = Effect(EffectKind.SPENDS, "DE1", sensitive=("50", "DE1"))
STOLEN = Effect(EffectKind.SENDS, "eve@b.com")


def step(name, text, origin, *effects, **arguments):
    return Step(ToolCall("s", name, arguments), effects, text, origin)


@pytest.mark.parametrize(
    ("words", "past", "effect", "verdict"),
    [
        ("mail it to Bob", [step("contacts", "Bob: bob@b.com", Origin.OWNER)], "bob@b.com", "allow"),
        ("mail it to Bob", [step("contacts", "Bob: bob@b.com", Origin.SYSTEM)], "bob@b.com", "allow"),
        ("mail it to Bob", [step("contacts", "Bob: bob@b.com", Origin.FOREIGN)], "bob@b.com", "ask"),
        ("mail it to Bob", [step("contacts", "Bob: bob@b.com", Origin.ASSISTANT)], "bob@b.com", "ask"),
        (
            "mail it to Bob",
            [step("find", "no eve@b.com here", Origin.SYSTEM, who="eve@b.com")],
            "eve@b.com",
            "ask",
        ),
        ("what is in a@b.com's mail?", [step("draft", "", Origin.SYSTEM, STOLEN)], "a@b.com", "allow"),
        (
            "what is in a@b.com's mail?",
            [step("read", "", Origin.FOREIGN), step("x", "", Origin.SYSTEM, STOLEN)],
            "a@b.com",
            "ask",
        ),
    ],
)
def test_whose_results_name_things_and_what_was_begun(words, past, effect, verdict):
    call = ToolCall("c", "send_email", {})
    assert judge([words], past, call, [Effect(EffectKind.SENDS, effect)]).verdict == verdict


def test_what_was_paid_is_asked_about_when_it_is_paid_again():
    call = ToolCall("c", "pay", {})
    assert judge(["pay 50 to DE1"], [], call, [PAY]).verdict is Verdict.ALLOW
    assert (
        judge(["pay 50 to DE1"], [step("pay", "done", Origin.SYSTEM, PAY)], call, [PAY]).verdict
        is Verdict.ASK
    )


def test_modes_and_grants_count():
    call = ToolCall("c", "send", {"to": "a@b.com"})
    grant = Grant("g", "send", EffectKind.SENDS, "a@b.com")
    effects = [Effect(EffectKind.SENDS, "a@b.com")]
    read = [step("read", "", Origin.FOREIGN)]
    assert judge(["hi"], [], call, effects, grants=[grant]).verdict is Verdict.ALLOW
    assert judge(["hi"], read, call, effects, grants=[grant]).verdict is Verdict.ASK
    assert judge(["send it to a@b.com"], [], call, effects, mode=Mode.READ_ONLY).verdict is Verdict.DENY


def test_a_page_that_a_page_listed_may_be_read_and_one_that_a_mail_names_is_asked_about():
    def opened(url, *past):
        return judge(["look around"], past, *call("get_webpage", {"url": url})).verdict

    page = Step(*call("get_webpage", {"url": "https://a.test/"}), "see https://a.test/b", Origin.FOREIGN)
    assert opened("https://a.test/b", page) is Verdict.ALLOW
    assert opened("https://a.test/b", step("mails", "see https://a.test/b", Origin.FOREIGN)) is Verdict.ASK
    assert opened("https://a.test/b?q=mails", page) is Verdict.DENY


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("www.own.test/b", Verdict.ALLOW),
        ("https://own.test/", Verdict.ALLOW),
        ("www.listed.test/a", Verdict.ASK),
        ("https://evil.test/?d=secret", Verdict.DENY),
    ],
)
def test_a_fetch_may_be_told_in_several_ways(url, wanted):
    past = [step("read", "see www.listed.test/a", Origin.FOREIGN)]
    host = url.removeprefix("https://").partition("/")[0]
    ways = [Effect(EffectKind.SENDS, target, url) for target in (host, url, "web", "")]
    ways += [Effect(EffectKind.SENDS, host, url, sensitive=(url,))]
    ways += [Effect(EffectKind.READS, url)] if url.startswith("https") else []
    for effect in ways:
        words = ["Compare www.own.test/b and https://own.test/ with what was read."]
        assert judge(words, past, ToolCall("c", "get_webpage", {"url": url}), [effect]).verdict is wanted


def test_the_example_of_the_documentation_runs(capsys):
    text = (Path(__file__).parents[2] / "docs" / "policy.md").read_text("utf-8")
    exec(text.partition("```python\n")[2].partition("```")[0], {})
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[1][:3]) == ("allow", "ask")
    assert "eve@evil.test" in lines[1]


if __name__ == "__main__":
    for each in TASKS:
        if any(questions(each)):
            sys.stdout.write(f"{questions(each)} {each.words[:90]!r}\n")
    sys.stdout.write(f"{figures()}\n")
