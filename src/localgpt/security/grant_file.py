"""How grants stand in ``config.toml``, as ``[[security.grants]]``: from text to text, comments stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localgpt.core import config
from localgpt.core.errors import ConfigError
from localgpt.core.values import EffectKind
from localgpt.security.grant import FIELDS, Grant, refusal

_SECTION, _NAME = "security", "grants"
_MOST = 1000
"""More grants than anybody can look through are none."""


def as_table(grant: Grant) -> dict[str, Any]:
    """A grant as TOML and JSON have it; what is empty is left out."""
    told: dict[str, Any] = {name: getattr(grant, name) for name in FIELDS}
    told |= {"kind": grant.kind.value, "effects": list(grant.effects)}
    return {name: value for name, value in told.items() if value}


def of_table(table: object) -> Grant | str:
    """The grant that a table says, or why it says none. Its id follows from what it grants."""
    if not isinstance(table, Mapping):
        return "it is not a table"
    if strange := sorted(set(table) - set(FIELDS)):
        return f"it has {strange[0]!r}, which is not known"
    texts = {name: table.get(name, "") for name in FIELDS if name != "effects"}
    effects = table.get("effects", [])
    if not all(isinstance(text, str) for text in texts.values()) or not _is_texts(effects):
        return "each value has to be text, and effects a list of texts"
    if not texts["tool"] or not texts["target"]:
        return "tool and target are missing"
    if texts["kind"] not in set(EffectKind):
        return f"kind has to be one of {', '.join(EffectKind)}"
    grant = Grant(**{**texts, "kind": EffectKind(texts["kind"]), "effects": tuple(effects)}).named()
    return refusal(grant) or grant


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def standing(text: str, where: str) -> tuple[tuple[Grant, ...], tuple[str, ...]]:
    """The grants for good in a settings file, and a sentence for each that is not understood."""
    tables = _tables(config.parse(text, where))
    if not isinstance(tables, list) or len(tables) > _MOST:
        return (), (f"security.grants has to be a list of at most {_MOST} tables, [[security.grants]].",)
    found = [(number, _for_good(table)) for number, table in enumerate(tables, 1)]
    grants = {one.id: one for _, one in found if isinstance(one, Grant)}
    problems = (
        f"Grant {at} in {where} counts for nothing: {one}." for at, one in found if isinstance(one, str)
    )
    return tuple(grants.values()), tuple(problems)


def _for_good(table: object) -> Grant | str:
    made = of_table(table)
    return "one for a conversation does not stand there" if isinstance(made, Grant) and made.session else made


def _tables(document: Mapping[str, Any]) -> object:
    section = document.get(_SECTION, {})
    return section.get(_NAME, []) if isinstance(section, Mapping) else []


def with_grant(text: str, grant: Grant) -> str:
    """A settings file's text with one grant more."""
    import tomlkit

    document: Any = tomlkit.parse(text)
    if _SECTION not in document:
        document.add(_SECTION, tomlkit.table(is_super_table=True))
    section = document[_SECTION]
    if _NAME not in section:
        section.add(_NAME, tomlkit.aot())
    table = tomlkit.table()
    for name, value in as_table(grant).items():
        table.add(name, value)
    table.add(tomlkit.nl())
    section[_NAME].append(table)
    return _certain(text, tomlkit.dumps(document), lambda old: [*old, as_table(grant)])


def without(text: str, name: str) -> str:
    """The text without the grant of that id."""
    import tomlkit

    document: Any = tomlkit.parse(text)
    tables = document[_SECTION][_NAME]
    for at in reversed([*_places(config.parse(text), name)]):
        del tables[at]
    if not len(tables):
        del document[_SECTION][_NAME]
    gone = {*_places(config.parse(text), name)}
    return _certain(
        text, tomlkit.dumps(document), lambda old: [x for n, x in enumerate(old) if n not in gone]
    )


def _places(document: Mapping[str, Any], name: str) -> Iterator[int]:
    tables = _tables(document)
    for at, table in enumerate(tables if isinstance(tables, list) else []):
        made = of_table(table)
        if isinstance(made, Grant) and made.id == name:
            yield at


def _certain(old: str, new: str, wanted: Any) -> str:
    """The new text, if it says what was meant and nothing else; a rare layout may be beyond the editor."""
    before, after = config.parse(old), config.parse(new)
    grants = wanted(_taken(before))
    if _taken(after) != grants or before != after:
        raise ConfigError("Grants can't be changed in this file's layout.", hint="Use: localgpt config edit")
    return new


def _taken(document: dict[str, Any]) -> list[Any]:
    """Take the grants out of a document, and a section that holds nothing else."""
    section = document.get(_SECTION, {})
    grants: list[Any] = section.pop(_NAME, [])
    if not section:
        document.pop(_SECTION, None)
    return grants
