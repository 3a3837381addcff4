"""Parameters: from annotations to JSON schema, from JSON values to arguments."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.errors import ToolError
from localgpt.tools.parameters import Parameter, parameters_of, schema


def every_kind(
    context: object,
    text: str,
    count: int,
    share: float,
    sure: bool,
    names: list[str],
    where: Annotated[Literal["all", "notes"], "Where to look."] = "all",
    maybe: Optional[int] = None,  # noqa: UP045 - both spellings are understood
    other: str | None = None,
) -> None: ...


PARAMETERS = {each.name: each for each in parameters_of(every_kind)}


def test_the_schema_of_every_kind():
    assert schema(PARAMETERS.values()) == {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "count": {"type": "integer"},
            "share": {"type": "number"},
            "sure": {"type": "boolean"},
            "names": {"type": "array", "items": {"type": "string"}},
            "where": {
                "type": "string",
                "enum": ["all", "notes"],
                "description": "Where to look.",
                "default": "all",
            },
            "maybe": {"type": "integer"},
            "other": {"type": "string"},
        },
        "required": ["text", "count", "share", "sure", "names"],
    }


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("text", "x", "x"),
        ("text", 5, "5"),
        ("count", 5, 5),
        ("count", "5", 5),
        ("count", 5.0, 5),
        ("share", "0.5", 0.5),
        ("share", 1, 1.0),
        ("sure", True, True),
        ("sure", "False", False),
        ("sure", 1, True),
        ("names", ["a", 1], ["a", "1"]),
        ("names", "a", ["a"]),
        ("where", "notes", "notes"),
        ("where", " ALL ", "all"),
    ],
)
def test_what_is_nearly_right_is_taken(name, given, value):
    taken = PARAMETERS[name].coerced(given, "tool")
    assert (taken, type(taken)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("text", {"a": 1}, "'text' of tool must be text, not {'a': 1}."),
        ("text", ["a"], "'text' of tool must be text, not ['a']."),
        ("count", 5.5, "'count' of tool must be a whole number, not 5.5."),
        ("count", True, "'count' of tool must be a whole number, not True."),
        ("count", float("inf"), "'count' of tool must be a whole number, not inf."),
        ("share", "half", "'share' of tool must be a number, not 'half'."),
        ("sure", "perhaps", "'sure' of tool must be true or false, not 'perhaps'."),
        ("names", {"a": 1}, "'names' of tool must be a list of strings, not {'a': 1}."),
        ("names", [["a"]], "'names' of tool must be a list of strings, not [['a']]."),
        ("where", "web", "'where' of tool can't be 'web'."),
        ("count", "x" * 100, f"'count' of tool must be a whole number, not '{'x' * 59}…."),
    ],
)
def test_what_is_wrong_is_said(name, given, message):
    with pytest.raises(ToolError) as caught:
        PARAMETERS[name].coerced(given, "tool")
    assert caught.value.message == message


def takes_bytes(context: object, data: bytes) -> None: ...
def takes_either(context: object, data: str | int) -> None: ...
def takes_numbers(context: object, data: list[int]) -> None: ...


@pytest.mark.parametrize("function", [takes_bytes, takes_either, takes_numbers])
def test_a_type_that_no_schema_knows_is_refused_at_once(function):
    with pytest.raises(TypeError):
        parameters_of(function)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.sampled_from([str, int, float, bool, list]), JSON)
def test_any_json_becomes_the_type_or_an_error(kind, value):
    parameter = Parameter("x", kind, "", required=True)
    with suppress(ToolError):
        assert type(parameter.coerced(value, "tool")) is kind
