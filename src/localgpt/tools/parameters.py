"""A tool's parameters: read from a function's annotations, written as JSON schema, filled from JSON values."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from localgpt.core.errors import ToolError

_JSON_TYPES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
}
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a tool. ``type`` is ``list`` for a list of strings; ``choices`` are those of a Literal."""

    name: str
    type: type
    description: str
    required: bool
    default: Any = None
    choices: tuple[str, ...] = ()

    def coerced(self, value: Any, tool: str) -> Any:
        """``value`` as this parameter's type. Raises ``ToolError`` when it isn't one and can't safely become one."""
        try:
            coerced = _COERCIONS[self.type](value)
        except (TypeError, ValueError):
            wanted = "a list of strings" if self.type is list else f"{_article(self.type)}"
            raise ToolError(
                f"{self.name!r} of {tool} must be {wanted}, not {_shown(value)}.", hint=self.description
            ) from None
        return self._chosen(coerced, tool) if self.choices else coerced

    def _chosen(self, value: str, tool: str) -> str:
        for choice in self.choices:
            if choice.casefold() == value.strip().casefold():
                return choice
        raise ToolError(
            f"{self.name!r} of {tool} can't be {_shown(value)}.", hint=f"One of: {', '.join(self.choices)}."
        )


def parameters_of(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The parameters of a tool's function, its first (the context) left out."""
    hints = get_type_hints(function, include_extras=True)
    _, *named = inspect.signature(function).parameters.values()
    return tuple(_parameter(each, hints[each.name]) for each in named)


def schema(parameters: Iterable[Parameter]) -> dict[str, Any]:
    """The JSON schema of an object with these parameters.

    It doesn't say that there are no others: eight tokens for each tool, in every prompt, and a call with others is
    told so by name.
    """
    listed = tuple(parameters)
    return {
        "type": "object",
        "properties": {each.name: _property(each) for each in listed},
        "required": [each.name for each in listed if each.required],
    }


def _parameter(declared: inspect.Parameter, hint: Any) -> Parameter:
    description = ""
    if get_origin(hint) is Annotated:
        hint, description, *_ = get_args(hint)
    kind, choices = _kind(_without_none(hint))
    required = declared.default is inspect.Parameter.empty
    return Parameter(
        declared.name, kind, description, required, None if required else declared.default, choices
    )


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in {Union, types.UnionType}:
        hint, *others = (each for each in get_args(hint) if each is not type(None))
        if others:
            raise TypeError(f"a tool's parameter can't be one of several types: {hint}, {others}")
    return hint


def _kind(hint: Any) -> tuple[type, tuple[str, ...]]:
    if get_origin(hint) is Literal:
        return str, get_args(hint)
    kind = get_origin(hint) or hint
    if kind not in _JSON_TYPES or (kind is list and get_args(hint) != (str,)):
        raise TypeError(f"a tool's parameter can't be of type {hint}")
    return kind, ()


def _property(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {"type": _JSON_TYPES[parameter.type]}
    if parameter.type is list:
        described["items"] = {"type": "string"}
    if parameter.choices:
        described["enum"] = list(parameter.choices)
    if parameter.description:
        described["description"] = parameter.description
    if parameter.default:  # nothing, no and none are what one expects
        described["default"] = parameter.default
    return described


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    raise TypeError


def _as_int(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise TypeError
    return int(value)


def _as_float(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _as_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    try:
        return _WORDS[str(value).strip().lower()]
    except KeyError:
        raise ValueError from None


def _as_list(value: Any) -> list[str]:
    return [_as_text(each) for each in value] if isinstance(value, list) else [_as_text(value)]


_COERCIONS: dict[type, Callable[[Any], Any]] = {
    str: _as_text,
    int: _as_int,
    float: _as_float,
    bool: _as_bool,
    list: _as_list,
}


def _article(kind: type) -> str:
    word = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return word[kind]


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:60] + "…"
