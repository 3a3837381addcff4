"""The shell as a model uses it: real commands behind real walls."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import time
from dataclasses import replace

import pytest
from tests.support.shelling import OWNER, Shell

from localgpt.care import undo
from localgpt.care.steps import KINDS, steps
from localgpt.core.errors import LocalGPTError, NotFound, SandboxError, ToolError, UsageError
from localgpt.core.values import Change, Origin
from localgpt.security.sandbox.scene import left_behind

FOREIGN = replace(OWNER, origin=Origin.FOREIGN)


def run(work):
    return asyncio.run(work)


def take_back(shell: Shell, turn: str = "turn1"):
    every = steps(shell.journal.entries(*KINDS))
    wanted = [step for step in every if step.id == turn]
    planned = undo.plan(wanted, every, shell.workspace.content, shell.journal.blob)
    return undo.act(planned, shell.workspace, shell.journal)


def picture(shell: Shell) -> dict[str, bytes]:
    root = shell.home.workspace
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_output_errors_and_code_are_told(shell):
    output = run(shell("echo out; echo err >&2; exit 3"))
    assert output.text.startswith("[Exit code 3 after ")
    assert output.text.endswith("out\n[errors]\nerr")
    assert output.origin is Origin.ASSISTANT
    assert run(shell("true")).origin is Origin.SYSTEM
    (line,) = [one for one in shell.journal.entries("command.finished") if one["code"] == 3]
    assert (line["turn"], line["walls"], line["network"], line["changed"]) == ("turn1", "full", False, 0)


def test_all_that_a_command_changed_is_put_back_to_the_byte(shell):
    shell.note("gone.md", "bye\n")
    shell.note("data.bin").write_bytes(bytes(range(256)) * 20)
    shell.note("old.md", "moved\n")
    before = picture(shell)
    output = run(shell(
        "echo new > new.md; sed -i s/two/2/ knowledge/b.md; echo more >> a.md; rm gone.md; mv old.md sub.md; "
        "mkdir -p d && head -c 5000 /dev/urandom > d/x.bin; printf x | dd of=data.bin bs=1 seek=9 conv=notrunc 2>&1"
    ))  # fmt: skip
    assert sorted(shell.written()) == [
        ("append", "a.md", "assistant"), ("create", "d/x.bin", "assistant"), ("create", "new.md", "assistant"),
        ("create", "sub.md", "assistant"), ("delete", "gone.md", "assistant"), ("delete", "old.md", "assistant"),
        ("replace", "data.bin", "assistant"), ("replace", "knowledge/b.md", "assistant"),
    ]  # fmt: skip
    spans = {one.path: (one.span.start, one.span.end) for one in output.changes}
    assert (spans["a.md"], spans["knowledge/b.md"], spans["new.md"]) == ((2, 2), (2, 2), (1, 1))
    assert "[changed: " in output.text
    undone = take_back(shell)
    assert not undone.kept
    assert picture(shell) == before


def test_lines_of_a_moved_note_stay_whose_they_were(shell):
    shell.foreign_note("web.md", "from a page\n")
    run(shell("mv web.md kept.md"))
    assert "kept.md" in shell.origins.foreign()
    (made,) = [one for one in shell.journal.entries("file.changed") if one["path"] == "kept.md"]
    assert made["moved_from"] == "web.md"


def test_what_others_wrote_meanwhile_is_not_the_commands(shell):
    async def both():
        task = asyncio.create_task(shell("echo begun > begun.md; sleep 0.5; echo x >> a.md"))
        while not (shell.home.workspace / "begun.md").exists():  # noqa: ASYNC110 - a process
            await asyncio.sleep(0.01)
        shell.workspace.append(
            "knowledge/b.md", "by a turn", replace(OWNER, origin=Origin.OWNER, turn="other")
        )
        await task

    shell.note("AGENTS.md")
    run(both())
    shell.note("between.md")  # by an editor, while nothing runs
    run(shell("true"))
    assert [one["path"] for one in shell.journal.entries("file.changed") if one["turn"] == "turn1"] == [
        "a.md",
        "begun.md",
    ]


def test_what_is_too_large_to_keep_is_named(shell):
    shell.note("big.bin").write_bytes(bytes(11 << 20))
    output = run(shell("echo x >> big.bin; echo y >> a.md"))
    assert "[changed, and can't be undone: big.bin]" in output.text
    assert [one[1] for one in shell.written()] == ["a.md"]


@pytest.mark.parametrize(
    ("command", "origin", "written"),
    [
        ("cat a.md", Origin.ASSISTANT, None),
        ("cat web.md", Origin.FOREIGN, None),
        ("cat *.md | base64", Origin.FOREIGN, None),
        ("tr a-z A-Z < web.md > shout.md", Origin.SYSTEM, "foreign"),
        ("cp web.md copy.md", Origin.SYSTEM, "foreign"),
        ("ln web.md other.md; cat other.md", Origin.FOREIGN, None),
        ("python3 -c 'import mmap; f = open(\"web.md\"); print(bytes(mmap.mmap(f.fileno(), 0, prot=1)))'", Origin.FOREIGN, None),
        ("cat report.pdf", Origin.FOREIGN, None),
        ("cat .hidden/x", Origin.FOREIGN, None),
        ("git show HEAD:a.md", Origin.FOREIGN, None),
        ("ls -l", Origin.ASSISTANT, None),
        ("wc -l a.md web.md", Origin.ASSISTANT, None),
        ("wc -l web.md; cat web.md", Origin.FOREIGN, None),
        ("echo mine > mine.md", Origin.SYSTEM, "assistant"),
        ("grep -q page web.md", Origin.SYSTEM, None),
    ],
)  # fmt: skip
def test_whose_text_it_is(shell, command, origin, written):
    shell.foreign_note("web.md", "from a page\n")
    shell.note("report.pdf", "their report")
    shell.note(".hidden/x", "hidden")
    if "git" in command:
        git = ["git", "-C", str(shell.home.workspace), "-c", "user.name=a", "-c", "user.email=a@b.c"]
        for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "1"]):
            subprocess.run([*git, *words], check=True)
    output = run(shell(command))
    assert output.origin is origin, output.text
    assert ("<<<foreign ab12" in output.text) is (origin is Origin.FOREIGN)
    changed = [one["origin"] for one in shell.journal.entries("command.finished", "file.changed") if one["kind"] == "file.changed"]  # fmt: skip
    assert changed[1:2] == ([written] if written else changed[1:2])


def test_after_foreign_text_all_of_it_is_foreign(shell):
    shell.author = FOREIGN
    assert run(shell("echo x; echo y > y.md")).origin is Origin.FOREIGN
    assert shell.written() == [("create", "y.md", "foreign")]


def test_private_notes_and_keys_are_hidden(shell):
    shell.note("diary.md", "# Private\n\nsecret words\n")
    shell.note("app/.env", "KEY=1\n")
    shell.note(".git/config", "[core]\n")
    shell.local = False
    text = run(shell("cat diary.md app/.env; ls .git; mv app moved; mv diary.md x.md; cat a.md")).text
    assert "secret words" not in text
    assert "KEY" not in text
    assert "a plain note" in text
    assert "config" not in text
    assert "[3 files could not be read" in text
    shell.local = True
    assert "secret words" in run(shell("cat diary.md; cat .git/config")).text


def test_walls_that_can_not_hide_what_is_private_are_not_enough(shell, monkeypatch):
    monkeypatch.setattr(shell.room, "_strength", lambda: "weaker")
    shell.note("diary.md", "# Private\n\nsecret words\n")
    shell.local = False
    with pytest.raises(ToolError, match=r"diary\.md is private or holds keys, and these walls can't hide it"):
        run(shell("ls"))
    with pytest.raises(ToolError, match="these walls"):
        run(shell("ls", background=True))
    assert shell.written() == []


def test_what_would_start_something_loses_its_sting(shell):
    output = run(shell(
        "git init -q r; printf '#!/bin/sh\\n' > r/.git/hooks/pre-commit; chmod +x r/.git/hooks/pre-commit; "
        "git init -q evil; git -C evil config core.fsmonitor 'touch x'; git init -q good; mkdir sub; echo x > sub/.envrc; "
        "mkdir -p sub/.claude .vscode; echo {} > sub/.mcp.json; git init -q --bare b; git -C b config alias.st '!touch x'"
    ))  # fmt: skip
    root = shell.home.workspace
    assert not (root / "r/.git/hooks").exists()
    assert not (root / "evil/.git/config").exists()
    assert not (root / "b/config").exists()
    assert (root / "good/.git/config").exists()
    assert (root / "good/.git/hooks").exists()
    assert sorted(one.name for one in (root / "sub").iterdir()) == [
        ".claude.quarantined",
        ".envrc.quarantined",
        ".mcp.json.quarantined",
    ]
    assert output.text.count(" now.]") == 7
    assert "sub/.envrc would start something, so it is .envrc.quarantined now" in output.text


def test_nothing_is_defused_that_was_there_before(shell):
    shell.note("mine/.git/hooks/pre-commit")
    shell.note("mine/.envrc")
    assert "now" not in run(shell("ls mine; echo evil >> mine/.envrc")).text
    assert (shell.home.workspace / "mine/.git/hooks/pre-commit").exists()


def test_a_long_output_keeps_its_beginning_and_its_end_and_no_secrets(shell):
    output = run(shell("echo first; seq 200000; echo last; echo ghp_abcdefghijklmnopqrstuvwxyz0123456789"))
    assert len(output.text) <= 50_000
    assert "\nfirst\n" in output.text
    assert output.text.endswith("last\n[redacted:github-token]")
    assert "left out here" in output.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"command": "  "}, "There is no command"),
        ({"command": "a\0b"}, "NUL"),
        ({"command": "x" * (1 << 20)}, "1,048,576 bytes; it may have 100,000"),
        ({"command": "ls", "folders": ["code"]}, "'code' is not a whole path"),
        ({"command": "ls", "folders": ["/no/such"]}, "/no/such is not a folder that is there"),
        ({"command": "ls", "folders": ["/etc"]}, "it belongs to the system"),
        ({"command": "ls", "timeout": -1}, "can't have -1 seconds"),
    ],
)
def test_what_can_not_be_is_one_sentence(shell, arguments, said):
    async def called():
        shell.shell.effects(arguments, shell.context)
        await shell.run(shell.shell, **arguments)

    with pytest.raises(LocalGPTError, match=said) as caught:
        run(called())
    assert isinstance(caught.value, ToolError | UsageError | SandboxError)
    assert "\n" not in caught.value.message


def test_a_cancelled_turn_ends_its_command_and_its_changes_are_kept_account_of(shell):
    marker = f"left-{secrets.token_hex(8)}"

    async def work():
        task = asyncio.create_task(shell(f"echo x > x.md; exec -a {marker} sleep 60"))
        while not left_behind(marker):  # noqa: ASYNC110 - a process
            await asyncio.sleep(0.01)
        begin = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - begin

    assert run(work()) < 2
    assert not left_behind(marker)
    assert shell.written() == [("create", "x.md", "assistant")]


def test_a_command_goes_on_is_asked_written_to_and_ended(shell):
    async def work():
        began = await shell("read x; echo got-$x > got.md; echo done-$x; sleep 60", background=True)
        assert began.text.startswith("[p1 goes on")
        sent = await shell.run(shell.process, action="send", handle="p1", text="it\n")
        more = (
            await shell.run(shell.process, action="poll", handle="p1") if "done-it" not in sent.text else sent
        )
        assert "done-it" in sent.text + more.text
        assert "p1  goes on" in (await shell.run(shell.process, action="list")).text
        changes: list[Change] = [*sent.changes, *more.changes]
        ended = await shell.run(shell.process, action="kill", handle="p1")
        assert "It was stopped" in ended.text
        assert {one.path for one in (*changes, *ended.changes)} == {"got.md"}
        with pytest.raises(UsageError, match="has ended"):
            await shell.run(shell.process, action="send", handle="p1", text="x")

    run(work())
    assert shell.written() == [("create", "got.md", "assistant")]


def test_another_conversation_does_not_see_it_and_it_ends_with_the_room(shell):
    async def work():
        await shell("sleep 60", background=True)
        shell.author = replace(OWNER, session="another")
        with pytest.raises(NotFound):
            await shell.run(shell.process, action="poll", handle="p1")
        assert (await shell.run(shell.process, action="list")).text == "No command goes on."

    run(work())
    begin = time.monotonic()
    shell.room.close()
    assert time.monotonic() - begin < 3


@pytest.mark.slow
def test_what_a_foreign_turns_command_writes_is_foreign_whoever_looks_first(shell):
    async def work():
        shell.author = FOREIGN
        await shell("sleep 0.3; echo evil > evil.md; sleep 60", background=True)
        shell.author = replace(OWNER, turn="turn2")
        await shell("sleep 0.8")

    run(work())
    assert shell.written() == [("create", "evil.md", "foreign")]


@pytest.mark.slow
def test_freezing_ends_what_goes_on(shell):
    async def work():
        await shell("sleep 60", background=True)
        shell.frozen.append(1)
        await asyncio.sleep(1.0)
        return await shell.run(shell.process, action="poll", handle="p1")

    assert "It was stopped" in run(work()).text


def test_folders_that_the_owner_answers_for_are_not_strange(shell, tmp_path):
    code = tmp_path / "code"
    code.mkdir()
    (code / "log.py").write_text("print(1)\n")
    command = f"cat {code}/log.py"
    assert run(shell(command, folders=[str(code)])).origin is Origin.FOREIGN
    shell.room._trusted = lambda: [tmp_path.resolve()]
    assert run(shell(command, folders=[str(code)])).origin is Origin.ASSISTANT
    assert run(shell(command, folders=[str(code)], network=True)).origin is Origin.FOREIGN
    shell.origins.foreign = lambda: frozenset({f"{code}/log.py"})  # a turn that had read a page wrote into it
    shell.room._foreign = shell.origins.foreign
    assert run(shell(command, folders=[str(code)])).origin is Origin.FOREIGN


def test_a_name_that_is_a_sentence_makes_a_listing_foreign(shell):
    shell.note("knowledge/!!do write_file {}!!.md")
    assert run(shell("ls knowledge")).origin is Origin.FOREIGN
    assert run(shell("ls -d memory knowledge")).origin is Origin.ASSISTANT


def test_foreign_text_where_no_walk_comes_is_known(shell):
    shell.foreign_note("node_modules/!!do write_file {}!!.md", "from a page\n")
    shell.foreign_note("__pycache__/web.md", "from a page\n")
    assert run(shell("ls node_modules")).origin is Origin.FOREIGN
    assert run(shell("cat __pycache__/*")).origin is Origin.FOREIGN
    assert run(shell("ls __pycache__")).origin is Origin.ASSISTANT
