"""Who wrote a note: what the journal says, and where it says nothing, whether its place is one that the owner answers for.

A text that nobody journalled is the owner's; but not what lies hidden in the workspace, in a skill that has no yes,
or in a folder outside that they opened without trusting it: clones, downloads and packages are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from localgpt.agent.skills.shelf import Skills
from localgpt.core.values import Chunk, Origin


class Whose:
    """Tells the origin of a passage of a note. ``trusted`` are real folders outside the workspace."""

    def __init__(
        self,
        journalled: Callable[[Chunk], Origin],
        skills: Callable[[], Skills],
        trusted: Callable[[], Iterable[Path]],
    ) -> None:
        self._journalled, self._skills, self._trusted = journalled, skills, trusted

    def __call__(self, passage: Chunk) -> Origin:
        """The origin; a chunk that is another's already stays so."""
        origin = self._journalled(passage)
        if origin is Origin.OWNER and self._is_strange(passage.path):
            return Origin.FOREIGN
        return origin

    def _is_strange(self, path: str) -> bool:
        place = PurePosixPath(path)
        if place.is_absolute():
            return not any(place.is_relative_to(folder.as_posix()) for folder in self._trusted())
        if any(part.startswith(".") for part in place.parts):
            return True
        return "skill" in path.casefold() and self._is_of_strange_skill(place)

    def _is_of_strange_skill(self, place: PurePosixPath) -> bool:
        skills = self._skills()
        return any(
            place.is_relative_to(PurePosixPath(skill.location).parent) and not skills.trusted(skill)
            for skill in skills.all()
        )
