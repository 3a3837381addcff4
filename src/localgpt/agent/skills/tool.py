"""The tool by which a model reads a skill: its text when it is used, its files when they are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from localgpt.agent.skills.folders import FILE, read_text
from localgpt.agent.skills.shelf import Skills
from localgpt.agent.skills.skill import Skill
from localgpt.agent.skills.trust import listing
from localgpt.core.errors import NotFound, OutsideError
from localgpt.core.values import Chunk, Effect, EffectKind, Origin
from localgpt.security.content import visible
from localgpt.tools.base import Tool, ToolContext, ToolOutput, tool
from localgpt.tools.passages import check_private, presented

MOST_NAMED = 100
"""Files of a skill that its reader is told of by name."""
LONGEST_READING = 40_000
LARGEST_RESOURCE = 10 * 1024 * 1024


def skill_tool(skills: Skills) -> Tool:
    """The tool ``skill`` over these skills. Only those that may be used are read, as they are on disk now."""

    def effects(arguments: Mapping[str, Any], _context: ToolContext) -> tuple[Effect, ...]:
        target = "/".join(("skill:" + str(arguments["name"]), str(arguments["file"] or FILE)))
        return (Effect(EffectKind.READS, target),)

    @tool(effects=effects)
    def skill(
        context: ToolContext,
        name: str,
        file: Annotated[str, "One of its files, as it lists them."] = "",
        from_line: int = 1,
    ) -> ToolOutput:
        """Read a skill, or a file that belongs to it."""
        found = skills.use(name)
        _check_private(context, found)
        if file and file != FILE:
            return _resource(context, found, file, from_line)
        text, rest = _part(found.manifest.body.replace("{baseDir}", str(found.folder)), from_line)
        head = f"[skill {found.name}, in {found.folder}]{rest}"
        return ToolOutput("\n\n".join(part for part in (head, text, _files(found)) if part), Origin.OWNER)

    return skill


def _check_private(context: ToolContext, skill: Skill) -> None:
    """A skill in the workspace is a note as well, and what is private in notes stays on this machine."""
    if skill.is_note:
        check_private(context, skill.location, 1, skill.manifest.lines)


def _part(text: str, start: int) -> tuple[str, str]:
    """What is shown of ``text`` from a line on, and a note on the rest."""
    lines = visible(text).split("\n")
    start = max(start, 1)
    shown = "\n".join(lines[start - 1 :])
    if len(shown) <= LONGEST_READING:
        return shown, ""
    shown = shown[:LONGEST_READING].rpartition("\n")[0] or shown[:LONGEST_READING]
    return shown, f" There is more; go on with from_line={start + shown.count(chr(10)) + 1}."


def _files(skill: Skill) -> str:
    names = [one.name for one in listing(skill.folder) if one.name != FILE and not _is_hidden(one.name)]
    if not names:
        return ""
    shown = [visible(name) for name in names[:MOST_NAMED]]
    more = [f"and {len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return f"Its files (read one by naming it as file): {', '.join([*shown, *more])}"


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _resource(context: ToolContext, skill: Skill, file: str, start: int) -> ToolOutput:
    path = _located(skill, file)
    name = path.relative_to(skill.folder).as_posix()
    text = read_text(path, LARGEST_RESOURCE)
    origin = _origin(context, skill, name, text)
    shown, rest = _part(text, start)
    shown = presented(context, shown, origin, f"{skill.name}/{name}")
    return ToolOutput(f"[{name} of the skill {skill.name}]{rest}\n{shown}", origin)


def _origin(context: ToolContext, skill: Skill, name: str, text: str) -> Origin:
    """Whose a file is: a yes covers all of a skill, but the owner's own ones are theirs line by line."""
    if not skill.source.own:
        return Origin.OWNER
    place = skill.location.removesuffix(FILE) + name
    check_private(context, place, 1, text.count("\n") + 1)
    return context.origin_of(Chunk(place, 1, text.count("\n") + 1, text))


def _located(skill: Skill, file: str) -> Path:
    """The real file; what a yes does not cover (outside the folder, hidden) is not read."""
    path = (skill.folder / file.removeprefix("{baseDir}/")).resolve()
    if not path.is_relative_to(skill.folder) or _is_hidden(path.relative_to(skill.folder).as_posix()):
        raise OutsideError(
            f"{file} is not a file of the skill {skill.name}.", hint="Name one of those that it lists."
        )
    if not path.is_file():
        raise NotFound(f"The skill {skill.name} has no file {file}.", hint=_files(skill))
    return path
