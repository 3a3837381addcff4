"""What a tool is: a function whose name, docstring and annotations are all a model is told about it.

    @tool(effects=reads("path"))
    def read_file(context: ToolContext, path: Annotated[str, "The file."]) -> str:
        \"\"\"Read a text file.\"\"\"

A tool is called with what a model wrote, so arguments are coerced where that is safe ("5" for 5) and refused
with the nearest name where it isn't. A tool that waits on nothing but the disk is a plain function and runs
in a thread; one that waits on a network is ``async``.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from localgpt.core.errors import LocalGPTError, NotFound, ToolError
from localgpt.core.values import Author, Change, Chunk, Effect, EffectKind, Origin, ToolCall, ToolSpec
from localgpt.memory.workspace import Note, Workspace
from localgpt.security.content import new_marker
from localgpt.tools.parameters import Parameter, parameters_of, schema

if TYPE_CHECKING:
    from localgpt.memory.search import Found, Query

OUTPUT_LIMIT = 50_000
"""Characters of a tool's output that a model is given."""

Arguments: TypeAlias = Mapping[str, Any]


def _no_sessions(session: str, _start: int, _end: int) -> Note:
    raise NotFound(f"There is no conversation {session}.")


def _no_attachments(path: str, _start: int, _end: int | None) -> Note:
    raise NotFound(f"There is no attachment {path}.")


def _owners(_passage: Chunk) -> Origin:
    return Origin.OWNER


def _everything(_path: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool may use: handed in by the turn, so tools know nothing of what is above them.

    ``search`` is synchronous. ``read_session`` gives lines ``start`` to ``end`` of a conversation by its id,
    ``read_attachment`` those of an attachment's text by its path (``None``: to its end).
    ``origin_of`` tells who wrote a passage of a note or conversation. ``marker`` fences foreign text in this turn.
    ``local`` says that the model reading the results is on this machine; otherwise private passages are withheld.
    ``may_quote`` tells whether the text at a path may be given to whom the turn speaks for.
    """

    workspace: Workspace
    search: Callable[[Query], Found]
    author: Author
    read_session: Callable[[str, int, int], Note] = _no_sessions
    read_attachment: Callable[[str, int, int | None], Note] = _no_attachments
    origin_of: Callable[[Chunk], Origin] = _owners
    marker: str = field(default_factory=new_marker)
    local: bool = False
    may_quote: Callable[[str], bool] = _everything


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """What a tool brought: text for the model (foreign text in it is fenced already), whose it is, what changed."""

    text: str
    origin: Origin = Origin.SYSTEM
    changes: tuple[Change, ...] = ()


Result: TypeAlias = str | ToolOutput
Effects: TypeAlias = Callable[[Arguments, ToolContext], tuple[Effect, ...]]


def no_effects(_arguments: Arguments, _context: ToolContext) -> tuple[Effect, ...]:
    """For a tool that touches nothing the owner has."""
    return ()


def reads(argument: str) -> Effects:
    """The tool reads the file that ``argument`` names."""
    return _touching(EffectKind.READS, argument)


def writes(argument: str) -> Effects:
    """The tool writes the file that ``argument`` names."""
    return _touching(EffectKind.WRITES, argument)


def edits(argument: str) -> Effects:
    """The tool writes the file that ``argument`` names, and tells of what stands in it."""
    return lambda arguments, context: (
        *reads(argument)(arguments, context),
        *writes(argument)(arguments, context),
    )


def _touching(kind: EffectKind, argument: str) -> Effects:
    def effects(arguments: Arguments, context: ToolContext) -> tuple[Effect, ...]:
        return (Effect(kind, place_name(str(arguments[argument]), context)),)

    return effects


def place_name(path: str, context: ToolContext) -> str:
    """The name the policy judges. A path that can't be touched keeps its spelling; running the tool refuses it."""
    try:
        return context.workspace.locate(path).name
    except LocalGPTError:
        return path


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as a model sees it (``spec``) and as a turn runs it.

    ``origin`` is whose words its description, its results and its errors are: a service's are foreign, until the owner
    has read and taken them.
    """

    spec: ToolSpec
    _parameters: tuple[Parameter, ...]
    _function: Callable[..., Result | Awaitable[Result]]
    _effects: Effects
    origin: Origin = Origin.SYSTEM

    @property
    def name(self) -> str:
        """The name a model calls it by."""
        return self.spec.name

    def effects(self, arguments: Arguments, context: ToolContext) -> tuple[Effect, ...]:
        """What this call would do. Raises ``ToolError`` when the arguments make no sense."""
        return self._effects(self._bound(arguments), context)

    async def run(self, context: ToolContext, arguments: Arguments) -> ToolOutput:
        """Do it. Raises ``ToolError`` for arguments that make no sense, else any ``LocalGPTError``."""
        bound = self._bound(arguments)
        if inspect.iscoroutinefunction(self._function):
            result = await cast("Awaitable[Result]", self._function(context, **bound))
        else:
            import asyncio

            result = cast("Result", await asyncio.to_thread(self._function, context, **bound))
        output = ToolOutput(result) if isinstance(result, str) else result
        return ToolOutput(cut(output.text), output.origin, output.changes)

    def _bound(self, arguments: Arguments) -> dict[str, Any]:
        """Every parameter with its value. Raises ``ToolError``."""
        if ToolCall.UNPARSED in arguments:
            raise ToolError(
                f"The arguments of {self.name} were not a JSON object.", hint="Send the call again, whole."
            )
        known = {parameter.name: parameter for parameter in self._parameters}
        for name in arguments:
            if name not in known:
                raise ToolError(
                    f"{self.name} has no argument {name!r}.", hint=_suggestion(name, known, "It takes")
                )
        return {name: self._value(parameter, arguments.get(name)) for name, parameter in known.items()}

    def _value(self, parameter: Parameter, given: Any) -> Any:
        if given is not None:
            return parameter.coerced(given, self.name)
        if parameter.required:
            raise ToolError(f"{self.name} needs the argument {parameter.name!r}.", hint=parameter.description)
        return parameter.default


def tool(*, effects: Effects) -> Callable[[Callable[..., Any]], Tool]:
    """Make a function a ``Tool``. ``effects`` gives what a call does, from its (complete) arguments."""

    def make(function: Callable[..., Any]) -> Tool:
        parameters = parameters_of(function)
        description = inspect.cleandoc(function.__doc__ or "").split("\n\n")[0]
        spec = ToolSpec(function.__name__, " ".join(description.split()), schema(parameters))
        return Tool(spec, parameters, function, effects)

    return make


class Toolbox:
    """The tools on offer, by name, in the order they were given."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What a model is told of them."""
        return tuple(tool.spec for tool in self._tools.values())

    @property
    def is_foreign(self) -> bool:
        """Whether any description is somebody else's."""
        return any(tool.origin is Origin.FOREIGN for tool in self._tools.values())

    def without(self, *names: str) -> Toolbox:
        """A toolbox without these tools."""
        return Toolbox(tool for name, tool in self._tools.items() if name not in names)

    def get(self, name: str) -> Tool:
        """The tool of that name. Raises ``ToolError`` with the nearest one."""
        try:
            return self._tools[name]
        except KeyError:
            hint = _suggestion(name, self._tools, "There are")
            raise ToolError(f"There is no tool {name!r}.", hint=hint) from None


def cut(text: str, limit: int = OUTPUT_LIMIT) -> str:
    """At most ``limit`` characters of ``text``, with a mark that says what is missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n[cut here: {len(text) - limit:,} more characters; ask for a smaller part]"


def least_trusted(origins: Iterable[Origin]) -> Origin:
    """The origin a mixture counts as."""
    order = (Origin.SYSTEM, Origin.OWNER, Origin.ASSISTANT, Origin.FOREIGN)
    return max(origins, key=order.index, default=Origin.SYSTEM)


def _suggestion(name: str, known: Iterable[str], lead: str) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"{lead}: {', '.join(names) or 'none'}."
