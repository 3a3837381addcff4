"""The policy: who may do what after reading whom. A table, and laws that no table can cover."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.paths import PROTECTED
from localgpt.core.values import Effect, EffectKind, Origin, ToolCall
from localgpt.security.intent import Plan, plan_of
from localgpt.security.policy import (
    Caller,
    Folders,
    Mode,
    Rule,
    Verdict,
    decide,
    is_note,
    is_protected,
    is_secret,
)
from localgpt.security.sending import Known, host_in

CALL = ToolCall("1", "write_file", {})
CLEAN = frozenset({Origin.OWNER, Origin.SYSTEM, Origin.ASSISTANT})
TAINTED = CLEAN | {Origin.FOREIGN}
READS, WRITES, SENDS, RUNS, SPENDS, CHANGES = EffectKind


def verdict(kind, target, *, caller=Caller.OWNER, origins=CLEAN, mode=Mode.ASK):
    return decide(CALL, [Effect(kind, target)], caller=caller, origins=origins, mode=mode).verdict


@pytest.mark.parametrize(
    ("kind", "target", "clean", "tainted", "remote", "read_only"),
    [
        (READS, "MEMORY.md", "allow", "allow", "allow", "allow"),
        (READS, "/allowed/a.md", "allow", "allow", "allow", "allow"),
        (READS, "session:1", "allow", "allow", "allow", "allow"),
        (READS, "/allowed/.ssh/id_rsa", "ask", "ask", "deny", "ask"),
        (WRITES, "memory/2026-11-23.md", "allow", "allow", "deny", "deny"),
        (WRITES, "knowledge/japan.md", "allow", "allow", "deny", "deny"),
        (WRITES, "MEMORY.md", "allow", "ask", "deny", "deny"),
        (WRITES, "skills/x/SKILL.md", "allow", "ask", "deny", "deny"),
        (WRITES, "/allowed/a.md", "allow", "ask", "deny", "deny"),
        (SENDS, "example.org", "ask", "ask", "deny", "deny"),
        (RUNS, "make", "ask", "ask", "deny", "deny"),
    ],
)
def test_the_table(kind, target, clean, tainted, remote, read_only):
    assert verdict(kind, target) == clean
    assert verdict(kind, target, origins=TAINTED) == tainted
    assert verdict(kind, target, caller=Caller.REMOTE) == remote
    assert verdict(kind, target, mode=Mode.READ_ONLY) == read_only


def test_a_call_without_effects_is_allowed_and_says_why():
    decision = decide(CALL, [])
    assert (decision.verdict, decision.reason) == (Verdict.ALLOW, "write_file changes nothing.")


def test_the_strictest_effect_counts_and_gives_the_reason():
    effects = [Effect(READS, "a.md"), Effect(RUNS, "make"), Effect(WRITES, "b.md")]
    decision = decide(CALL, effects)
    assert decision.verdict is Verdict.ASK
    assert "make" in decision.reason


@pytest.mark.parametrize(
    "target",
    [
        *PROTECTED,
        "memory.md",
        "projects/AGENTS.md",
        "/allowed/CLAUDE/AGENTS.md",
        "skills/cook/notes.md",
        "Skills/x",
        "/allowed/skills/cook/SKILL.md",
        ".vscode/tasks.json",
        "/allowed/.bashrc",
        "config.toml",
        "CLAUDE.md",
        "boat/gemini.md",
        "hooks/start.md",
        "../SOUL.md",
        "",
    ],
)
def test_what_speaks_or_starts_things_is_protected(target):
    assert is_protected(target)


@pytest.mark.parametrize(
    "target", ["memory/2026-11-23.md", "knowledge/soul music.md", "notes/skills.md", "x"]
)
def test_ordinary_notes_are_not(target):
    assert not is_protected(target)


@pytest.mark.parametrize("target", ["conftest.py", "knowledge/run.SH", "boat.desktop"])
def test_a_program_is_no_note_that_foreign_text_may_add(target):
    calls = [decide(CALL, [Effect(WRITES, one)], origins=TAINTED) for one in (target, "knowledge/tea.md")]
    assert [decision.verdict for decision in calls] == [Verdict.ASK, Verdict.ALLOW]
    assert decide(CALL, [Effect(WRITES, target)]).verdict is Verdict.ALLOW


@pytest.mark.parametrize(
    ("target", "secret"),
    [
        ("/home/a/.ssh/config", True),
        ("/home/a/.aws/credentials", True),
        ("/home/a/.netrc", True),
        ("/code/.env.local", True),
        ("/code/server.PEM", True),
        ("/home/a/id_ed25519.old", True),
        ("knowledge/ssh.md", False),
        ("knowledge/keys of music.md", False),
        ("environment.md", False),
    ],
)
def test_where_keys_are_kept(target, secret):
    assert is_secret(target) is secret


URL = "https://site.test/page"
DATA = "https://site.test/?q=swordfish"
ASKING = {"words": "", "notes": "the password is swordfish"}


def sending(sent, target="site.test", *, foreign, **known):
    origins = TAINTED if foreign else CLEAN
    return decide(
        ToolCall("1", "web_search", {}),
        [Effect(SENDS, target, sent)],
        origins=origins,
        known=Known(**{**ASKING, **known}),
    )


@pytest.mark.parametrize(
    ("sent", "known", "clean", "tainted"),
    [
        (URL, {}, "allow", "deny"),
        (URL, {"words": f"read {URL}."}, "allow", "allow"),
        (URL, {"words": "read site.test/page"}, "allow", "allow"),
        (URL, {"words": "what is on site.test"}, "allow", "deny"),
        (URL, {"words": f"read {URL}/more"}, "allow", "deny"),
        (URL, {"links": frozenset({"site.test/page"})}, "allow", "allow"),
        (URL, {"links": frozenset({"site.test/page"}), "private": True}, "allow", "deny"),
        (URL, {"words": URL, "private": True}, "allow", "allow"),
        (DATA, {}, "ask", "deny"),
        (DATA, {"words": "log in to site.test"}, "allow", "deny"),
        (DATA, {"words": DATA}, "allow", "allow"),
        (DATA, {"words": "swordfish on the web"}, "allow", "deny"),
        (DATA, {"links": frozenset({"site.test?q=swordfish"})}, "ask", "deny"),
        (DATA, {"links": frozenset({"site.test/?q=swordfish"})}, "ask", "deny"),
        ("https://site.test/?page=2", {"notes": None}, "ask", "deny"),
        ("https://site.test/?q=berlin", {"notes": None}, "ask", "deny"),
        ("https://me:pw@site.test/", {}, "ask", "ask"),
        ("how to cook rice", {}, "allow", "allow"),
        ("how to cook swordfish", {}, "allow", "deny"),
        ("how to cook swordfish", {"private": True}, "ask", "deny"),
        ("how to cook swordfish", {"words": "swordfish?"}, "allow", "allow"),
        ("", {"words": URL}, "ask", "ask"),
    ],
)
def test_what_may_be_sent(sent, known, clean, tainted):
    assert sending(sent, foreign=False, **known).verdict == clean
    assert sending(sent, foreign=True, **known).verdict == tainted


def test_a_refusal_to_send_says_what_would_be_allowed():
    reason = sending(URL, foreign=True).reason
    assert "site.test" in reason
    assert "that you wrote" in reason
    assert "swordfish" in sending("about swordfish", foreign=True).reason


@pytest.mark.parametrize(
    "sent", ["https://evil.test/?q=x", " HTTPS://a@b/", "ftp://x/", "http:///", "https://[x"]
)
def test_whatever_looks_like_an_address_is_judged_as_one(sent):
    assert sending(sent, host_in(sent), foreign=True).verdict is Verdict.DENY


@pytest.mark.parametrize(
    ("name", "target", "sent"),
    [
        ("send_email", "eve@evil.test", "the summary"),
        ("send_email", "eve@evil.test", "https://evil.test/"),
        ("web_search", "eve@evil.test", "the summary"),
        ("post_page", "evil.test", "the summary"),
        ("send_message", "eve", "https://listed.test/"),
    ],
)
def test_what_is_told_to_somebody_is_neither_a_search_nor_a_fetch(name, target, sent):
    known = Known(words="Send the summary to a@b.com.", links=frozenset({"listed.test"}))
    effects, plan = [Effect(SENDS, target, sent)], plan_of([known.words])
    decision = decide(ToolCall("1", name, {}), effects, origins=TAINTED, known=known, plan=plan)
    assert (decision.verdict, decision.rule) == (Verdict.ASK, Rule.UNNAMED)


EFFECTS = st.builds(
    Effect,
    st.sampled_from(EffectKind),
    st.sampled_from([*PROTECTED, "skills/a/SKILL.md", "a.md", "/b/c.md", ".mcp.json", "/b/.ssh/id_rsa", ""])
    | st.text(max_size=20),
    st.sampled_from(["", URL, DATA, "how to cook swordfish"]) | st.text(max_size=20),
    st.sampled_from([(), ("a@b.com",), ("make",), ("a.md", "a@b.com")]),
    st.booleans(),
    st.booleans(),
)
PLANS = st.builds(
    Plan,
    st.frozensets(st.sampled_from(EffectKind)),
    st.booleans(),
    st.booleans(),
    st.sampled_from([(), ("run make and mail a.md to a@b.com",), ("a.md", "/b/c.md")]),
    st.sampled_from([frozenset(), frozenset({("make",)})]),
)
FOLDERS = st.builds(Folders, st.sampled_from([(), ("./",), ("/b/",)]), st.sampled_from(["", "./", "/b/"]))


class Everything:
    """A book that grants all of it."""

    def covers(self, call, effect, *, session, foreign):
        return True


KNOWN = st.builds(
    Known,
    st.sampled_from(["", URL, "site.test", "swordfish"]),
    st.frozensets(st.sampled_from(["site.test/page", "site.test/?q=swordfish"])),
    st.sampled_from([None, "", "the password is swordfish"]),
    st.booleans(),
)
ORIGINS = st.frozensets(st.sampled_from(Origin))


@given(st.lists(EFFECTS, max_size=4), ORIGINS, st.sampled_from(Caller), st.sampled_from(Mode), PLANS, FOLDERS)
def test_no_foreign_text_ever_writes_a_protected_file_unasked(effects, origins, caller, mode, plan, folders):
    decision = decide(
        CALL,
        effects,
        caller=caller,
        origins=origins | {Origin.FOREIGN},
        mode=mode,
        plan=plan,
        folders=folders,
        grants=Everything(),
    )
    if any(effect.kind is WRITES and is_protected(effect.target) for effect in effects):
        assert decision.verdict is not Verdict.ALLOW
    if any(effect.kind is READS and is_secret(effect.target) for effect in effects):
        assert decision.verdict is not Verdict.ALLOW


@given(st.lists(EFFECTS, max_size=3), EFFECTS, ORIGINS, ORIGINS, KNOWN, PLANS, FOLDERS, st.booleans())
def test_more_foreign_text_less_trust_or_more_effects_never_allow_more(
    effects, more, origins, others, known, plan, folders, attended
):
    about = {"known": known, "plan": plan, "folders": folders, "attended": attended}
    for caller, mode in product(Caller, Mode):
        now = decide(CALL, effects, caller=caller, origins=origins, mode=mode, **about).verdict.strictness
        worse = [
            decide(CALL, effects, caller=caller, origins=origins | others, mode=mode, **about),
            decide(CALL, effects, caller=Caller.REMOTE, origins=origins, mode=mode, **about),
            decide(CALL, effects, caller=caller, origins=origins, mode=mode, **about | {"attended": False}),
            decide(CALL, effects, caller=caller, origins=origins, mode=mode, **about | {"plan": Plan()}),
            *(
                decide(CALL, effects, caller=caller, origins=origins, mode=other, **about)
                for other in Mode
                if other.strictness > mode.strictness
            ),
        ]
        if (
            mode is not Mode.YOLO and mode is not Mode.TRUSTED
        ):  # there, an effect tells where another one happens
            worse.append(decide(CALL, [*effects, more], caller=caller, origins=origins, mode=mode, **about))
        assert all(decision.verdict.strictness >= now for decision in worse)
        assert all(decision.reason.endswith((".", "?", ")")) for decision in worse)


@given(st.lists(EFFECTS, max_size=3), ORIGINS, KNOWN, PLANS, st.sampled_from(Caller), st.sampled_from(Mode))
def test_grants_answer_questions_and_undo_no_refusal(effects, origins, known, plan, caller, mode):
    about = {"origins": origins, "known": known, "plan": plan, "caller": caller, "mode": mode}
    without = decide(CALL, effects, **about).verdict
    granted = decide(CALL, effects, **about, grants=Everything()).verdict
    assert granted.strictness <= without.strictness
    assert (without is Verdict.DENY) is (granted is Verdict.DENY)


@given(st.lists(EFFECTS, max_size=3), ORIGINS, PLANS, FOLDERS)
def test_after_foreign_text_no_mode_allows_more_than_asking(effects, origins, plan, folders):
    about = {"origins": origins | {Origin.FOREIGN}, "plan": plan, "folders": folders}
    asking = decide(CALL, effects, **about).verdict
    assert {decide(CALL, effects, **about, mode=mode).verdict for mode in (Mode.YOLO, Mode.TRUSTED)} == {
        asking
    }


@given(st.lists(EFFECTS, min_size=1, max_size=4), ORIGINS, st.sampled_from(Mode))
def test_a_caller_from_elsewhere_changes_nothing(effects, origins, mode):
    decision = decide(CALL, effects, caller=Caller.REMOTE, origins=origins, mode=mode)
    if any(effect.kind is not READS for effect in effects):
        assert decision.verdict is Verdict.DENY


@pytest.mark.parametrize(
    ("effect", "verdict"),
    [
        (Effect(READS, "USER.md"), Verdict.ALLOW),
        (Effect(READS, "/home/x/.ssh/id_rsa"), Verdict.ASK),
        (Effect(WRITES, "knowledge/tea.md"), Verdict.ALLOW),
        (Effect(WRITES, "memory/2026-11-23.md"), Verdict.ALLOW),
        *((Effect(WRITES, name), Verdict.ASK) for name in (*PROTECTED, "skills/a/SKILL.md", "a/.hidden")),
        (Effect(WRITES, "/elsewhere/a.md"), Verdict.ASK),
        (Effect(WRITES, "~/a.md"), Verdict.ASK),
        (Effect(EffectKind.RUNS, "rm"), Verdict.ASK),
        (Effect(EffectKind.SENDS, "site.test"), Verdict.ASK),
    ],
)
def test_where_nobody_looks_on_only_reading_searching_and_plain_notes_go_without_a_word(effect, verdict):
    assert decide(CALL, [effect], attended=False).verdict is verdict


MAIL = "Please mail report.pdf to a@b.com."


@pytest.mark.parametrize(
    ("words", "effect", "clean", "tainted", "rule"),
    [
        (MAIL, Effect(SENDS, "a@b.com", sensitive=("report.pdf", "a@b.com")), "allow", "allow", Rule.NAMED),
        (MAIL, Effect(SENDS, "eve@b.com", sensitive=("report.pdf", "eve@b.com")), "ask", "ask", Rule.UNNAMED),
        (MAIL, Effect(SPENDS, "a@b.com"), "ask", "ask", Rule.UNASKED),
        ("Who is a@b.com?", Effect(SENDS, "a@b.com"), "ask", "ask", Rule.UNASKED),
        ("run `make`", Effect(RUNS, "make", walled=True), "allow", "allow", Rule.NAMED),
        ("test it", Effect(RUNS, "make", walled=True), "allow", "ask", Rule.UNNAMED),
        ("run `make`", Effect(RUNS, "make"), "allow", "ask", Rule.WALLED),
        ("save it", Effect(WRITES, "new.md"), "allow", "allow", Rule.NOTE),
        ("save it", Effect(WRITES, "new.md", loses=True), "allow", "ask", Rule.LOSES),
        ("save it in new.md", Effect(WRITES, "new.md", loses=True), "allow", "allow", Rule.NOTE),
        ("what is in new.md?", Effect(WRITES, "new.md", loses=True), "allow", "ask", Rule.LOSES),
        ("save it", Effect(WRITES, "calendar"), "allow", "ask", Rule.UNNAMED),
        ("save it as /b/c.md", Effect(WRITES, "/b/c.md"), "allow", "allow", Rule.NAMED),
        ("save it", Effect(WRITES, "/b/c.md"), "allow", "ask", Rule.OUTSIDE),
        ("save it in SOUL.md", Effect(WRITES, "SOUL.md"), "allow", "ask", Rule.PROTECTED),
        ("add a job: clean up", Effect(CHANGES, "clean up"), "allow", "allow", Rule.NAMED),
    ],
)
def test_what_the_owner_named_and_asked_for(words, effect, clean, tainted, rule):
    assert decide(CALL, [effect], plan=plan_of([words])).verdict == clean
    after = decide(CALL, [effect], origins=TAINTED, plan=plan_of([words]))
    assert (after.verdict, after.rule) == (tainted, rule)


def test_a_call_that_deletes_needs_that_it_was_asked_for():
    effect, call = Effect(WRITES, "a.md", loses=True), ToolCall("1", "delete_file", {})
    said = {"save it in a.md": Verdict.ASK, "delete a.md": Verdict.ALLOW}
    for words, verdict in said.items():
        assert decide(call, [effect], origins=TAINTED, plan=plan_of([words])).verdict is verdict


def test_the_same_is_not_paid_twice_unasked():
    plan, effect = plan_of(["pay 5 to Bob"]), Effect(SPENDS, "Bob", sensitive=("5", "Bob"))
    assert decide(CALL, [effect], plan=plan).verdict is Verdict.ALLOW
    again = decide(CALL, [effect], plan=plan.spent([effect]))
    assert (again.verdict, again.rule) == (Verdict.ASK, Rule.AGAIN)


@pytest.mark.parametrize(
    ("mode", "effects", "attended", "verdict"),
    [
        (Mode.TRUSTED, [Effect(WRITES, "/b/c.md")], False, "allow"),
        (Mode.TRUSTED, [Effect(WRITES, "/bc/c.md")], False, "ask"),
        (Mode.TRUSTED, [Effect(WRITES, "/b/../c.md")], False, "ask"),
        (Mode.TRUSTED, [Effect(WRITES, "/b/SOUL.md")], False, "ask"),
        (Mode.TRUSTED, [Effect(RUNS, "make"), Effect(WRITES, "/b/")], True, "allow"),
        (Mode.TRUSTED, [Effect(RUNS, "make"), Effect(WRITES, "/b/")], False, "ask"),
        (Mode.TRUSTED, [Effect(RUNS, "make"), Effect(WRITES, "/b/"), Effect(WRITES, "/")], True, "ask"),
        (Mode.TRUSTED, [Effect(RUNS, "make"), Effect(WRITES, "/b/"), Effect(SENDS, "network")], True, "ask"),
        (Mode.YOLO, [Effect(RUNS, "make"), Effect(WRITES, "/y/x/")], True, "allow"),
        (Mode.YOLO, [Effect(RUNS, "make")], True, "ask"),
        (Mode.YOLO, [Effect(SPENDS, "/y/x")], True, "ask"),
        (Mode.YOLO, [Effect(READS, "/y/.env")], True, "ask"),
        (Mode.ASK, [Effect(RUNS, "make"), Effect(WRITES, "/b/")], True, "ask"),
        (Mode.PLAN, [Effect(WRITES, "a.md")], True, "deny"),
        (Mode.PLAN, [Effect(SENDS, "site.test", URL)], True, "allow"),
        (Mode.READ_ONLY, [Effect(SENDS, "site.test", URL)], True, "deny"),
    ],
)
def test_modes(mode, effects, attended, verdict):
    folders = Folders(("/b/",), "/y/")
    assert decide(CALL, effects, mode=mode, attended=attended, folders=folders).verdict == verdict


def test_in_plan_mode_the_model_is_told_what_would_be():
    assert "writes a.md" in decide(CALL, [Effect(WRITES, "a.md")], mode=Mode.PLAN).reason


def test_an_address_in_a_mail_is_asked_about_and_an_invented_one_refused():
    mentioned = frozenset({"site.test/page"})
    assert sending(URL, foreign=True, mentioned=mentioned).verdict is Verdict.ASK
    assert sending(f"{URL}/x", foreign=True, mentioned=mentioned).verdict is Verdict.DENY
    alone = decide(
        CALL,
        [Effect(SENDS, "site.test", URL)],
        origins=TAINTED,
        known=Known(mentioned=mentioned),
        attended=False,
    )
    assert alone.verdict is Verdict.DENY


@pytest.mark.parametrize(
    ("target", "note"),
    [("a.md", True), ("a/b.csv", True), ("calendar", False), ("/a.md", False), ("a@b.md", False)],
)
def test_what_goes_as_a_note(target, note):
    assert is_note(target) is note


@given(st.lists(EFFECTS, max_size=3), ORIGINS, KNOWN)
def test_nobody_looking_on_never_allows_more(effects, origins, known):
    with_owner = decide(CALL, effects, origins=origins, known=known).verdict
    alone = decide(CALL, effects, origins=origins, known=known, attended=False).verdict
    assert alone.strictness >= with_owner.strictness


@pytest.mark.parametrize("attended", [True, False])
def test_the_network_is_told_in_words(attended):
    decision = decide(
        ToolCall("1", "shell", {}), [Effect(SENDS, "network")], origins=CLEAN, attended=attended
    )
    assert decision.reason.startswith("It uses the network")
