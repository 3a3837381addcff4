"""``[providers.NAME]``: how the owner reaches a vendor of models, or a server of their own. Pure.

The names below ``providers`` are free: those of known vendors (``anthropic``, ``ollama``, ``claude_cli`` …) and
whatever the owner calls a server that speaks as OpenAI does. ``-`` and ``_`` are the same in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

SECTION = "providers"


def _setting(default: Any, doc: str, *, least: int = 0) -> Any:
    limits = {"doc": doc, "choices": (), "least": least, "most": 0, "of": str}
    return field(default=default, metadata=limits, repr=False)


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """What the owner says about one provider; empty is what is usual for it."""

    api_key: str = _setting(
        "", 'The key, or where it is: `"${NAME}"`, `"secret:NAME"`, `"command:…"` (docs/secrets.md).'
    )
    base_url: str = _setting("", "The address, like `http://127.0.0.1:8080/v1`.")
    model: str = _setting("", "The model where only the provider is named.")
    context_window: int = _setting(0, "The most tokens that its models take.", least=1000)
    command: str = _setting("", "The program to run (`claude_cli`).")
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


LIMITS: Mapping[str, tuple[Any, Mapping[str, Any]]] = MappingProxyType(
    {one.name: (one.default, one.metadata) for one in fields(ProviderSettings) if one.metadata}
)
"""Default and limits of each setting of a provider, as ``localgpt.core.config.Key`` takes them."""

_RUST = {"endpoint": "base_url", "extra_headers": "headers"}
"""What the Rust LocalGPT calls them."""


def split(name: str) -> tuple[str, str] | None:
    """The provider and the setting in a full name (``providers.ollama.endpoint``: ``ollama``, ``base_url``).

    ``None`` for any other name. A header is ``headers.NAME``.
    """
    section, _, rest = name.partition(".")
    provider, _, own = rest.partition(".")
    first, dot, header = own.partition(".")
    own = _RUST.get(first, first)
    if section != SECTION or not provider:
        return None
    if own == "headers" and header:
        return provider_name(provider), f"headers.{header}"
    return (provider_name(provider), own) if own in LIMITS and not dot else None


def provider_name(written: str) -> str:
    """A provider's name as it is used: lower case, ``-`` and not ``_``."""
    plain = written.strip('"').lower().replace("_", "-")
    return "openai-compatible" if plain == "openai-compat" else plain


def gather(values: Mapping[str, Any]) -> Mapping[str, ProviderSettings]:
    """The settings by provider, from checked values by their full names (secrets filled in)."""
    made: dict[str, ProviderSettings] = {}
    for provider, own, value in _parts(values):
        settings = made.get(provider, ProviderSettings())
        if own.startswith("headers."):
            header = own.partition(".")[2].strip('"')
            made[provider] = replace(
                settings, headers=MappingProxyType({**settings.headers, header: str(value)})
            )
        else:
            made[provider] = replace(settings, **{own: value})
    return MappingProxyType(made)


def _parts(values: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, value in values.items():
        if found := split(name):
            yield (*found, value)


def names_beside(name: str) -> list[str]:
    """All settings of the provider that the full name ``name`` is about; none if it is about something else."""
    section, _, rest = name.partition(".")
    provider = rest.partition(".")[0]
    return [f"{section}.{provider}.{own}" for own in LIMITS] if section == SECTION and provider else []


def reference_rows() -> Iterator[tuple[str, Any, str]]:
    """Name, default and sentence of each setting, for the docs."""
    for own, (default, limits) in LIMITS.items():
        yield f"{SECTION}.NAME.{own}", default, limits["doc"]
    yield f"{SECTION}.NAME.headers", {}, "Further headers of each request, as a table of texts."
