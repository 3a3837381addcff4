"""The settings: what may stand in ``config.toml``, and how it is read.

``localgpt.core.config_sections`` is the table of settings; ``KEYS``, the reference in the docs, ``config set`` and the
checks are all made from it. Reading never writes, and never fails over a name that it does not know; a value that
can't be meant is a ``ConfigError``. Changing the file is ``localgpt.core.settings``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from localgpt.core import files, provider_settings
from localgpt.core.config_names import is_reference, is_secret, nearest, renamed, used_by_rust
from localgpt.core.config_places import place_of
from localgpt.core.config_sections import (
    EVERY_NOTE,
    ActiveHoursSettings,
    AgentSettings,
    BudgetSettings,
    ChatSettings,
    ContextSettings,
    DaemonSettings,
    HeartbeatSettings,
    HistorySettings,
    LoggingSettings,
    MemorySettings,
    NoteFolder,
    SecuritySettings,
    ServerSettings,
    Value,
    WebSearchSettings,
)
from localgpt.core.errors import ConfigError
from localgpt.core.paths import Home
from localgpt.core.provider_settings import ProviderSettings

GRANTS = "security.grants"
"""What the owner has allowed for good stands under this name; ``localgpt.security.grants`` reads and writes it."""


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting with its value in force, and what reading the file brought to light.

    ``providers`` are the settings of each provider of models by its name (``claude-cli``, ``ollama``).
    ``warnings`` are sentences for the owner. ``ignored`` are the settings in the file that only the Rust LocalGPT
    heeds. ``secrets`` are the keys and tokens in the file by their setting's name, environment variables filled
    in, for hiding them in whatever is shown; those that are only referred to (``core.secrets``) are not among them.
    """

    agent: AgentSettings = AgentSettings()
    budget: BudgetSettings = BudgetSettings()
    memory: MemorySettings = MemorySettings()
    context: ContextSettings = ContextSettings()
    security: SecuritySettings = SecuritySettings()
    web_search: WebSearchSettings = WebSearchSettings()
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    active_hours: ActiveHoursSettings = ActiveHoursSettings()
    chat: ChatSettings = ChatSettings()
    daemon: DaemonSettings = DaemonSettings()
    history: HistorySettings = HistorySettings()
    logging: LoggingSettings = LoggingSettings()
    server: ServerSettings = ServerSettings()
    providers: Mapping[str, ProviderSettings] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: its full name (``memory.workspace``), default, sentence and limits."""

    name: str
    default: Value
    doc: str
    choices: tuple[str, ...]
    least: int
    most: int
    of: type

    @property
    def allowed(self) -> str:
        """What its value has to be, to stand after "it has to be"."""
        if isinstance(self.default, bool):
            return "true or false"
        if isinstance(self.default, int):
            upper = f" to {self.most}" if self.most else " or more"
            return f"a whole number, {self.least}{upper}"
        if isinstance(self.default, float):
            return f"a number, {self.least} or more"
        if isinstance(self.default, str):
            return f"one of {', '.join(self.choices)}" if self.choices else "text"
        return "a list of texts" if self.of is str else "a list of tables with path and pattern"


_SECTIONS = {
    "agent": AgentSettings,
    "budget": BudgetSettings,
    "memory": MemorySettings,
    "context": ContextSettings,
    "security": SecuritySettings,
    "tools.web_search": WebSearchSettings,
    "heartbeat": HeartbeatSettings,
    "heartbeat.active_hours": ActiveHoursSettings,
    "chat": ChatSettings,
    "daemon": DaemonSettings,
    "history": HistorySettings,
    "logging": LoggingSettings,
    "server": ServerSettings,
}

KEYS: Mapping[str, Key] = MappingProxyType(
    {
        f"{section}.{one.name}": Key(f"{section}.{one.name}", getattr(kind(), one.name), **one.metadata)
        for section, kind in _SECTIONS.items()
        for one in fields(kind)
    }
)
"""All settings by name, in the order of the file; those of a provider are beside them (see ``key_named``)."""


def key_named(name: str) -> Key | None:
    """The setting of that full name, one of ``KEYS`` or of any provider; ``None`` if there is none."""
    own = provider_settings.split(name)
    if own is None or own[1] not in provider_settings.LIMITS:
        return KEYS.get(name)
    default, limits = provider_settings.LIMITS[own[1]]
    return Key(name, default, **limits)


def is_setting(name: str) -> bool:
    """Whether a name in the file has an effect here."""
    return name in KEYS or name == GRANTS or provider_settings.split(name) is not None


def load(home: Home, environ: Mapping[str, str] | None = None) -> Config:
    """Read the home's ``config.toml``; without one, everything is at its default. Raises ``ConfigError``."""
    return read(source(home.config), where=str(home.config), environ=environ)


def source(path: Path) -> str:
    """The text of the settings file, empty if there is none."""
    try:
        with files.explained("read", path):
            return path.read_bytes().decode("utf-8-sig") if path.exists() else ""
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path} is not UTF-8 text (byte {error.start}).", hint="Save it as UTF-8 in your editor."
        ) from error


def read(text: str, *, where: str = "config.toml", environ: Mapping[str, str] | None = None) -> Config:
    """The settings that ``text`` (TOML) makes; ``where`` is the file's name in warnings and errors."""
    found = dict(names_in(parse(text, where)))
    others = renamed(found)
    _refuse_values_for_sections(found, text, where)
    values = {name: _taken(KEYS[name], found[name], text, where) for name in KEYS if name in found}
    secrets = _secrets(found, os.environ if environ is None else environ)
    values |= {name: secrets.get(name, "") for name in values if is_secret(name)}
    sections = {_attribute(name): _section(name, values) for name in _SECTIONS}
    warnings = [
        *others,
        *_rust_values(found),
        *_rust_searches(found),
        *_unknown(found, text, where),
        *_unused_model(values),
    ]
    ignored = tuple(name for name in found if not is_setting(name) and used_by_rust(name))
    return Config(
        **sections,
        providers=_providers(found, secrets, text, where),
        warnings=tuple(warnings),
        ignored=ignored,
        secrets=MappingProxyType({name: value for name, value in secrets.items() if not is_reference(value)}),
    )


def _providers(
    found: Mapping[str, Any], secrets: Mapping[str, str], text: str, where: str
) -> Mapping[str, ProviderSettings]:
    values: dict[str, Any] = {}
    for name in filter(provider_settings.split, found):
        if key := key_named(name):
            check(key, found[name], place=place_of(text, name, where))
        values[name] = secrets.get(name, "") if is_secret(name) else found[name]
    return provider_settings.gather(values)


def parse(text: str, where: str = "config.toml") -> dict[str, Any]:
    """The TOML document as plain values; a syntax error is a ``ConfigError`` with its line and column."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also numbers of thousands of digits
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        spot = f"{where}:{place[1]}:{place[2]}" if place else where
        if "(at end of document)" in str(error):
            spot = f"{where}:{len(text.splitlines())}"
        reason = re.sub(r" \(at [^)]*\)$", "", str(error)) or "it is nested too deeply"
        raise ConfigError(
            f"{spot} is not valid TOML: {reason}.", hint="Correct it with: localgpt config edit"
        ) from error


def names_in(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every setting of a TOML document as (full name, value), in order; the known ones are not looked into."""
    left = [(_part(name), value) for name, value in reversed(tuple(document.items()))]
    while left:
        name, value = left.pop()
        if isinstance(value, dict) and name not in KEYS:
            left += [(f"{name}.{_part(inner)}", below) for inner, below in reversed(tuple(value.items()))]
        else:
            yield name, value


def _part(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def _refuse_values_for_sections(found: Mapping[str, Any], text: str, where: str) -> None:
    for section in found.keys() & {*_SECTIONS, *(name.partition(".")[0] for name in _SECTIONS)}:
        raise ConfigError(
            f"{section} ({place_of(text, section, where)}) is a section of settings, not a setting.",
            hint=f"Write [{section}] on a line of its own and the settings below it.",
        )


def _attribute(section: str) -> str:
    """The name that a section has in ``Config``: ``web_search`` for ``tools.web_search``."""
    return section.rpartition(".")[2]


def _section(section: str, values: Mapping[str, Value]) -> Any:
    own = {
        name.rpartition(".")[2]: value for name, value in values.items() if name.rpartition(".")[0] == section
    }
    return _SECTIONS[section](**own)


_RUST_PROVIDERS = ("gguf",)
_RUST_SEARCHES = ("tavily", "perplexity")


def _taken(key: Key, value: Any, text: str, where: str) -> Value:
    if key.name == "memory.embedding_provider" and value in _RUST_PROVIDERS:
        return key.default
    if key.name == "tools.web_search.provider" and value in _RUST_SEARCHES:
        return key.default
    return check(key, value, place=place_of(text, key.name, where))


def _rust_values(found: Mapping[str, Any]) -> Iterator[str]:
    provider = found.get("memory.embedding_provider")
    if provider in _RUST_PROVIDERS:
        yield (
            f'memory.embedding_provider = "{provider}" belongs to the Rust LocalGPT; '
            "the model that comes along is used instead."
        )


def _rust_searches(found: Mapping[str, Any]) -> Iterator[str]:
    provider = found.get("tools.web_search.provider")
    if provider in _RUST_SEARCHES:
        yield f'tools.web_search.provider = "{provider}" belongs to the Rust LocalGPT; the web is not searched.'
    for old, new in _MOVED.items():
        if old in found and new not in found:
            yield f"{old} is the Rust LocalGPT's; here it is {new}."


_MOVED = {
    "tools.web_search.searxng.base_url": "tools.web_search.base_url",
    "tools.web_search.brave.api_key": "tools.web_search.api_key",
}
"""What the Rust LocalGPT calls the settings of its search engines."""


def _unused_model(values: Mapping[str, Value]) -> Iterator[str]:
    model = values.get("memory.embedding_model", "")
    plain = MemorySettings()
    local = values.get("memory.embedding_provider", "local") in {"local", "bundled"}
    if local and model not in {"", plain.embedding_model}:
        yield (
            f'memory.embedding_model = "{model}" is used only with memory.embedding_provider = "fastembed" '
            "(which downloads it once); the model that comes along is used instead."
        )


def _unknown(found: Mapping[str, Any], text: str, where: str) -> Iterator[str]:
    for name, value in found.items():
        if not is_setting(name) and not used_by_rust(name):
            yield f"{not_a_setting(name)} ({place_of(text, name, where)})"
        elif name == "memory.paths" and isinstance(value, list):
            extra = {inner for one in value for inner in one} - {"path", "pattern"}
            yield from (f"memory.paths has no {_part(one)}, only path and pattern." for one in sorted(extra))


def not_a_setting(name: str) -> str:
    """The sentence for an unknown name, with the nearest one that exists."""
    near = nearest(name, [*KEYS, *provider_settings.names_beside(name)])
    return f"{name} is not a setting; did you mean {near}?" if near else f"{name} is not a setting."


def check(key: Key, value: Any, *, place: str = "") -> Value:
    """``value`` as the setting keeps it, or a ``ConfigError`` that names the setting, the value and what is allowed."""
    taken = _converted(key, value)
    if taken is None:
        at = f" ({place})" if place else ""
        raise ConfigError(
            f"{key.name} can't be {_shown(value)}{at}: it has to be {key.allowed}.",
            hint=f"Change it with: localgpt config set {key.name} VALUE",
        )
    return taken


_MUCH = 1e15


def _converted(key: Key, value: Any) -> Value | None:
    if isinstance(key.default, bool) or isinstance(value, bool):
        return value if isinstance(key.default, bool) and isinstance(value, bool) else None
    if isinstance(key.default, int):
        fits = isinstance(value, int) and key.least <= value and (not key.most or value <= key.most)
        return value if fits else None
    if isinstance(key.default, float):
        fits = isinstance(value, int | float) and key.least <= value <= _MUCH
        return float(value) if fits else None
    if isinstance(key.default, str):
        fits = isinstance(value, str) and _is_text(value) and (not key.choices or value in key.choices)
        return value if fits else None
    return _converted_list(key, value) if isinstance(value, list | tuple) else None


def _converted_list(key: Key, values: list[Any] | tuple[Any, ...]) -> Value | None:
    if key.of is str:
        return (
            tuple(values) if all(isinstance(one, str) and one and _is_text(one) for one in values) else None
        )
    folders = tuple(_note_folder(one) for one in values)
    return None if None in folders else tuple(one for one in folders if one)


def _is_text(value: str) -> bool:
    return not re.search("[\0\ud800-\udfff]", value)  # neither a path nor a UTF-8 file can hold these


def _note_folder(value: Any) -> NoteFolder | None:
    if isinstance(value, NoteFolder):
        return value
    if not isinstance(value, dict) or not isinstance(value.get("path"), str) or not value["path"]:
        return None
    pattern = value.get("pattern", EVERY_NOTE)
    return NoteFolder(value["path"], pattern) if isinstance(pattern, str) and pattern else None


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."


_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|([A-Z_][A-Z0-9_]*))")


def _secrets(found: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    texts = {name: value for name, value in found.items() if isinstance(value, str) and is_secret(name)}
    filled = {name: _filled_in(value, environ) for name, value in texts.items()}
    return {name: value for name, value in filled.items() if value}


def _filled_in(value: str, environ: Mapping[str, str]) -> str:
    variable = _VARIABLE.fullmatch(value.strip())
    return environ.get(variable[1] or variable[2], "") if variable else value


def value_of(config: Config, name: str) -> Value:
    """The value in force of the setting ``name`` (one of ``KEYS``)."""
    section, _, own = name.rpartition(".")
    value: Value = getattr(getattr(config, _attribute(section)), own)
    return value


def workspace_of(home: Home, config: Config, environ: Mapping[str, str] | None = None) -> Home:
    """The home with its workspace where ``memory.workspace`` says, unless something louder has moved it.

    Louder are ``LOCALGPT_WORKSPACE`` and a workspace that belongs to a profile of the Rust LocalGPT.
    """
    environ = os.environ if environ is None else environ
    moved = bool(environ.get("LOCALGPT_WORKSPACE")) or home.workspace != home.root / "workspace"
    if moved or not config.memory.workspace:
        return home
    return Home(home.root, located(config.memory.workspace, home.root, "memory.workspace"))


def located(path: str, base: Path, name: str) -> Path:
    """The absolute path that a setting called ``name`` means: ``~`` is filled in, a relative one starts at ``base``."""
    try:
        return Path(os.path.abspath(base / Path(path).expanduser()))  # noqa: PTH100 - resolve() would follow links
    except RuntimeError as error:
        raise ConfigError(
            f"{name} names {path}, and there is no such user.", hint="Write the whole path."
        ) from error
