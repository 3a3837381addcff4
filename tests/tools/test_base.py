"""What a tool is: its schema, what a model may get slightly wrong, and what it is told when it is all wrong."""

from __future__ import annotations

import asyncio
import threading
from typing import Annotated

import pytest

from localgpt.core.errors import ToolError
from localgpt.core.values import Author, Effect, EffectKind, Origin, ToolCall, ToolSpec
from localgpt.memory.workspace import Workspace
from localgpt.tools.base import (
    OUTPUT_LIMIT,
    Toolbox,
    ToolContext,
    ToolOutput,
    cut,
    least_trusted,
    no_effects,
    reads,
    tool,
    writes,
)


@pytest.fixture
def context(tmp_path):
    workspace = Workspace(tmp_path / "workspace", locks=tmp_path / "locks")

    def search(query):
        raise AssertionError("no tool here searches")

    return ToolContext(workspace, search, Author(Origin.OWNER))


@tool(effects=reads("path"))
def look(context: ToolContext, path: Annotated[str, "A file."], limit: int = 5) -> str:
    """Look at a file,
    or part of it.

    What the developer should know is not for the model.
    """
    return f"{path} {limit} {threading.current_thread() is threading.main_thread()}"


@tool(effects=writes("path"))
async def change(context: ToolContext, path: str) -> ToolOutput:
    """Change a file."""
    await asyncio.sleep(0)
    return ToolOutput("x" * (OUTPUT_LIMIT + 1234), Origin.FOREIGN)


def run(tool, context, **arguments):
    return asyncio.run(tool.run(context, arguments))


def test_a_function_says_all_a_model_is_told():
    assert look.spec == ToolSpec(
        "look",
        "Look at a file, or part of it.",
        {
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "A file."},
                "limit": {"type": "integer", "default": 5},
            },
            "required": ["path"],
        },
    )


def test_a_plain_function_runs_in_a_thread_with_its_defaults(context):
    assert run(look, context, path="a.md").text == "a.md 5 False"
    assert run(look, context, path="a.md", limit="7").text == "a.md 7 False"
    assert run(look, context, path="a.md", limit=None).text == "a.md 5 False"


def test_long_output_is_cut_visibly_and_keeps_its_origin(context):
    output = run(change, context, path="a.md")
    assert output.text.endswith("x\n[cut here: 1,234 more characters; ask for a smaller part]")
    assert output.origin is Origin.FOREIGN
    assert cut("short") == "short"


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ({}, "look needs the argument 'path'", "A file."),
        ({"path": None}, "look needs the argument 'path'", "A file."),
        ({"paht": "a.md"}, "look has no argument 'paht'", "Did you mean 'path'?"),
        ({"path": "a", "zzz": 1}, "look has no argument 'zzz'", "It takes: path, limit."),
        (
            {ToolCall.UNPARSED: '{"pa'},
            "The arguments of look were not a JSON object.",
            "Send the call again, whole.",
        ),
        ({"path": "a", "limit": "many"}, "'limit' of look must be a whole number, not 'many'", ""),
    ],
)
def test_a_call_that_makes_no_sense_is_explained(context, arguments, message, hint):
    for attempt in (lambda: run(look, context, **arguments), lambda: look.effects(arguments, context)):
        with pytest.raises(ToolError) as caught:
            attempt()
        assert message in caught.value.message
        assert caught.value.hint == hint


def test_effects_name_the_file_that_is_meant(context):
    assert look.effects({"path": "./x/../a.md"}, context) == (Effect(EffectKind.READS, "a.md"),)
    assert change.effects({"path": "memory/../SOUL.md"}, context) == (Effect(EffectKind.WRITES, "SOUL.md"),)
    assert change.effects({"path": "../out.md"}, context) == (Effect(EffectKind.WRITES, "../out.md"),)
    assert no_effects({}, context) == ()


def test_a_toolbox_knows_its_tools_by_name():
    box = Toolbox([look, change])
    assert [spec.name for spec in box.specs] == ["look", "change"]
    assert box.get("change") is change
    with pytest.raises(ToolError) as caught:
        box.get("loook")
    assert caught.value.hint == "Did you mean 'look'?"
    with pytest.raises(ToolError) as caught:
        box.get("zzz")
    assert caught.value.hint == "There are: look, change."


@pytest.mark.parametrize(
    ("origins", "least"),
    [
        ([], Origin.SYSTEM),
        ([Origin.OWNER, Origin.ASSISTANT], Origin.ASSISTANT),
        ([Origin.FOREIGN, Origin.OWNER], Origin.FOREIGN),
    ],
)
def test_a_mixture_counts_as_its_least_trusted_part(origins, least):
    assert least_trusted(origins) is least


def test_no_conversation_is_there_unless_one_is_handed_in(context):
    with pytest.raises(Exception, match="There is no conversation x"):
        context.read_session("x", 1, 2)
