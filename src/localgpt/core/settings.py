"""Changing and showing ``config.toml``: comments and order stay, and nothing is written that can't be read back.

The decisions are pure functions from text to text (``with_value``, ``without``, ``template``, ``view``); the others
read and write the file of a home around them.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from localgpt.core import config, files, provider_settings
from localgpt.core.config import KEYS, Config, Key
from localgpt.core.config_names import is_secret, used_by_rust
from localgpt.core.config_sections import NoteFolder, Value
from localgpt.core.errors import ConfigError, NotFound, UsageError
from localgpt.core.paths import Home
from localgpt.core.redact import redact

SET = "(set)"
"""Stands where a secret would."""


def get(home: Home, name: str) -> str:
    """The value in force of one setting as text; lists as JSON, secrets only as ``(set)``."""
    text = config.source(home.config)
    tree = view(text, config.read(text, where=str(home.config)))
    value: Any = tree
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict) or value is None:
        raise _no_value(name, value)
    return as_text(value)


def as_text(value: Any) -> str:
    """A value on one line: a text as it is, all else as JSON."""
    bare = plain(value)
    return bare if isinstance(bare, str) else json.dumps(bare, ensure_ascii=False, default=str)


def _no_value(name: str, section: dict[str, Any] | None) -> ConfigError | NotFound:
    if section is not None:
        names = ", ".join(f"{name}.{own}" for own in section)
        return ConfigError(f"{name} is a section of settings, not a setting.", hint=f"It has: {names}")
    if config.key_named(name):
        return NotFound(f"{name} is not set.", hint=f"Set it with: localgpt config set {name} VALUE")
    if used_by_rust(name):
        return NotFound(
            f"{name} is not set.", hint="It is a setting of the Rust LocalGPT, without effect here."
        )
    return _unknown(name)


def change(home: Home, name: str, text: str) -> Value:
    """Set ``name`` to what ``text`` says in the setting's type, and return it. Raises ``ConfigError``."""
    value = config.check(_key(name), from_text(_key(name), text))
    _edit(home, lambda old: with_value(old, _as_written(old, name), value))
    return value


def assign(home: Home, name: str, given: Any) -> Value:
    """The same for a value as JSON or TOML has it; a text may also say what has another type."""
    if isinstance(given, str):
        return change(home, name, given)
    value = config.check(_key(name), given)
    _edit(home, lambda old: with_value(old, _as_written(old, name), value))
    return value


def unset(home: Home, name: str) -> bool:
    """Take ``name`` out of the file, so that its default is in force; false if it was not there."""
    written = _as_written(config.source(home.config), name, str(home.config))
    there = written in dict(config.names_in(config.parse(config.source(home.config))))
    if there:
        _edit(home, lambda old: without(old, _as_written(old, name)))
    elif not config.key_named(name) and not used_by_rust(name):
        raise _unknown(name)
    return there


def _as_written(text: str, name: str, where: str = "config.toml") -> str:
    """The name as the file has it: of a provider, ``claude-cli`` and ``claude_cli`` are one, and the last is in force."""
    own = provider_settings.split(name)
    names = [one for one, _ in config.names_in(config.parse(text, where))]
    return next((one for one in reversed(names) if own and provider_settings.split(one) == own), name)


def init(home: Home, *, force: bool = False) -> Path:
    """Write a commented ``config.toml`` in which nothing is set; with ``force`` an old one is kept as ``.bak``."""
    path = home.config
    with _locked(home):
        if path.exists():
            if not force:
                raise UsageError(
                    f"{path} is there already.",
                    hint="Add --force to begin anew; the old one is kept as .bak.",
                )
            with files.explained("read", path):
                old = path.read_bytes()
            files.replace(path.with_name(path.name + ".bak"), old, mode=files.PRIVATE_FILE)
        files.replace(path, template().encode(), mode=files.PRIVATE_FILE)
    return path


def _edit(home: Home, edit: Callable[[str], str]) -> None:
    with _locked(home):
        old = config.source(home.config)
        config.parse(old, str(home.config))  # for an error that names the file
        new = edit(old or template())  # other settings may be wrong: each is repaired by itself
        files.replace(home.config, new.encode(), mode=files.PRIVATE_FILE)


def _locked(home: Home) -> Any:
    for folder in (home.root, home.state):
        files.make_folder(folder, mode=files.PRIVATE_FOLDER)
    return files.lock(home.state / "config.lock")


def _key(name: str) -> Key:
    if key := config.key_named(name):
        return key
    if used_by_rust(name):
        raise ConfigError(
            f"{name} is a setting of the Rust LocalGPT and has no effect here.",
            hint="To write it all the same: localgpt config edit",
        )
    raise _unknown(name)


def _unknown(name: str) -> ConfigError:
    return ConfigError(config.not_a_setting(name), hint="All settings: localgpt config show")


_WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def from_text(key: Key, text: str) -> Any:
    """What a person typed, in the setting's type where it fits; ``config.check`` judges the result."""
    if isinstance(key.default, bool):
        return _WORDS.get(text.strip().lower(), text)
    if isinstance(key.default, int):
        digits = text.strip().replace("_", "")
        return int(digits) if re.fullmatch(r"[+-]?[0-9]{1,18}", digits) else text
    if isinstance(key.default, float):
        return float(text) if re.fullmatch(r"\s*\+?[0-9]{1,15}(\.[0-9]{0,15})?\s*", text) else text
    return text if isinstance(key.default, str) else _list_from_text(key, text.strip())


def _list_from_text(key: Key, text: str) -> Any:
    if text.startswith("["):
        return config.parse(f"list = {text}", key.name)["list"]
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return [NoteFolder(part) for part in parts] if key.of is NoteFolder else parts


def with_value(text: str, name: str, value: Value) -> str:
    """``text`` (TOML) with one setting changed; a commented-out line of it is brought to life in its place."""
    revived = _revived(text, name, value) if name in KEYS else None
    return revived if revived is not None else _assigned(text, name, value)


def _revived(text: str, name: str, value: Value) -> str | None:
    """The text with the line ``# name = ...`` of the template replaced, if that gives exactly what is wanted."""
    section, _, own = name.rpartition(".")
    wanted = config.parse(text)
    table = _table(wanted, section)
    if own in table:
        return None
    table[own] = plain(value)
    for comment in re.finditer(rf"^#[ \t]*{own}[ \t]*=.*?(?=\r?$)", text, re.MULTILINE):
        new = text[: comment.start()] + f"{own} = {_toml(value)}" + text[comment.end() :]
        if _means(new, wanted):
            return new
    return None


def _table(document: dict[str, Any], section: str) -> dict[str, Any]:
    """The table of a section, made where there is none."""
    table = document
    for part in section.split("."):
        table = table.setdefault(part, {})
    return table


def _means(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return config.parse(text) == wanted
    except ConfigError:  # the line stood inside a text or under another section
        return False


def _assigned(text: str, name: str, value: Value) -> str:
    import tomlkit

    *sections, own = name.split(".")
    document: Any = tomlkit.parse(text)
    table = document
    for at, section in enumerate(sections, 1):
        if section not in table:
            table.add(section, tomlkit.table(is_super_table=at < len(sections)))
        table = table[section]
    if isinstance(table.get(own), tomlkit.items.AoT):  # a list of tables can't become a list in its place
        del table[own]
    table[own] = tomlkit.value(_toml(value))
    return _certain(tomlkit.dumps(document), name, value)


def without(text: str, name: str) -> str:
    """``text`` (TOML) without the setting; what else stands there, comments too, stays."""
    rested = _rested(text, name) if name in KEYS else None
    return rested if rested is not None else _deleted(text, name)


def _rested(text: str, name: str) -> str | None:
    """The text with a line as ``with_value`` writes it commented out again, at its default."""
    section, _, own = name.rpartition(".")
    wanted = config.parse(text)
    line = f"{own} = {_toml(_table(wanted, section).pop(own))}"
    new = re.sub(
        rf"^{re.escape(line)}(?=\r?$)",
        lambda _: f"# {own} = {_toml(KEYS[name].default)}",
        text,
        count=1,
        flags=re.MULTILINE,
    )
    return new if new != text and _means(new, wanted) else None


def _deleted(text: str, name: str) -> str:
    import tomlkit

    document: Any = tomlkit.parse(text)
    table = document
    *above, own = name.split(".")
    for part in above:
        table = table[part]
    del table[own]
    return _certain(tomlkit.dumps(document), name, None)


def _certain(text: str, name: str, value: Value | None) -> str:
    """The text, if reading it gives what was meant; a rare layout may be beyond the editor."""
    found = dict(config.names_in(config.parse(text)))
    if found.get(name) != (None if value is None else plain(value)):
        raise ConfigError(f"{name} can't be changed in this file's layout.", hint="Use: localgpt config edit")
    return text


def plain(value: Any) -> Any:
    """A value as JSON and TOML have it."""
    if isinstance(value, NoteFolder):
        return {"path": value.path, "pattern": value.pattern}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def _toml(value: Any) -> str:
    if isinstance(value, NoteFolder | dict):
        entries = plain(value).items() if isinstance(value, NoteFolder) else value.items()
        if not entries:
            return "{}"
        return "{ " + ", ".join(f"{name} = {_toml(one)}" for name, one in entries) + " }"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


PROVIDERS = (
    "# Models that need a key or an address of their own have a section each, like [providers.anthropic]",
    "# or [providers.mybox]: localgpt config set providers.anthropic.api_key KEY",
)


def template() -> str:
    """A ``config.toml`` in which every setting is explained and none is set."""
    lines = [
        "# Settings of LocalGPT. A line that begins with # is not in force: it shows the default.",
        "# Take the # away and change the value, or type: localgpt config set NAME VALUE",
    ]
    section = ""
    for key in KEYS.values():
        here, _, own = key.name.rpartition(".")
        if here != section:
            lines += ["", f"[{here}]"]
            section = here
        lines += textwrap.wrap(key.doc, 98, initial_indent="# ", subsequent_indent="# ")
        lines += [f"# {own} = {_toml(key.default)}"]
    lines += ["", *PROVIDERS]
    return "\n".join(lines) + "\n"


def view(text: str, settings: Config) -> dict[str, Any]:
    """All settings as they are in force, then what else stands in the file; secrets only as ``(set)``."""
    tree = config.parse(text)
    hidden: dict[str, Any] = {}
    for key in KEYS.values():
        section, _, own = key.name.rpartition(".")
        _table(hidden, section)[own] = plain(config.value_of(settings, key.name))
    _add(hidden, tree)
    return {name: _hidden(value, name) for name, value in hidden.items()}


def _add(shown: dict[str, Any], tree: Mapping[str, Any]) -> None:
    """Put what ``shown`` lacks of ``tree`` into it."""
    for name, value in tree.items():
        if isinstance(value, dict) and isinstance(shown.get(name), dict):
            _add(shown[name], value)
        else:
            shown.setdefault(name, value)


_VARIABLE = re.compile(r"\$\{\w+\}")


def _hidden(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {own: _hidden(below, f"{name}.{own}") for own, below in value.items()}
    if isinstance(value, list):
        return [_hidden(one, name) for one in value]
    if is_secret(name) and value != "":
        return value if isinstance(value, str) and _VARIABLE.fullmatch(value) else SET
    return redact(value) if isinstance(value, str) else value


def as_toml(tree: Mapping[str, Any]) -> str:
    """What ``view`` gives, as TOML."""
    import tomlkit

    return tomlkit.dumps(tree)


def as_json(tree: Mapping[str, Any]) -> str:
    """What ``view`` gives, as JSON (dates as texts)."""
    return json.dumps(tree, indent=2, ensure_ascii=False, default=str)


def _provider_value(default: Any) -> str:
    if isinstance(default, dict):
        return "a table of texts"
    return "a whole number, 1000 or more" if isinstance(default, int) else "text"


def reference_table() -> str:
    """All settings as a Markdown table, for ``docs/configuration.md``."""
    rows = ["| setting | default | it has to be | what it does |", "|---|---|---|---|"]
    rows += [
        f"| `{key.name}` | `{_toml(key.default)}` | {key.allowed} | {key.doc} |" for key in KEYS.values()
    ]
    rows += [
        f"| `{name}` | `{_toml(default)}` | {_provider_value(default)} | {doc} |"
        for name, default, doc in provider_settings.reference_rows()
    ]
    return "\n".join(rows) + "\n"
