"""Which model makes vectors: the settings' words made into one, and what the owner has to agree to before.

local, bundled           the model that comes along
fastembed                any that fastembed knows, downloaded once: ``memory.embedding_model``, or ``fastembed/NAME``
ollama, openai, NAME     a server that speaks as OpenAI does, by ``[providers.NAME]`` and the customs of known vendors
none                     words only
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from localgpt.app.consent import Agreements
from localgpt.core.config import Config
from localgpt.core.errors import ConfigError, EmbeddingError, ModelError, NotLoggedIn, UnknownModel
from localgpt.core.outbound import Outbound
from localgpt.memory.embedding import BUNDLED, Bundled, Embedder, FastEmbed, downloaded

if TYPE_CHECKING:
    from localgpt.models.vendors import Endpoint

NONE, LOCAL, FASTEMBED = "none", "local", "fastembed"
USUAL: Mapping[str, str] = MappingProxyType(
    {
        "ollama": "nomic-embed-text",
        "openai": "text-embedding-3-small",
        "gemini": "gemini-embedding-001",
    }
)
"""The model where only the provider is named."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the settings ask for."""

    provider: str
    model: str

    @property
    def name(self) -> str:
        """What the owner types."""
        return f"{self.provider}/{self.model}" if self.model else self.provider


def chosen(provider: str, model: str) -> Choice:
    """The settings' two words as one choice; ``PROVIDER/MODEL`` in the first is louder than the second."""
    first, slash, rest = provider.strip().partition("/")
    first = first.lower().replace("_", "-")
    if first in {LOCAL, "bundled", ""}:
        return Choice(LOCAL, "")
    if first == NONE:
        return Choice(NONE, "")
    second = model.strip().removeprefix(f"{first}/")
    if first == FASTEMBED:
        return Choice(FASTEMBED, rest if slash else second)
    usual = USUAL.get(first, "")
    return Choice(first, rest if slash else (second if second not in {"", BUNDLED} else usual))


class Agreed(Agreements):
    """The servers elsewhere that the owner lets read every note, kept in ``state/embeddings.json``."""

    __slots__ = ()

    def has(self, endpoint: Endpoint) -> bool:
        """Whether the owner has agreed to this host."""
        return self.holds(_key(endpoint))

    def give(self, endpoint: Endpoint) -> None:
        """Agree to it from now on."""
        self.add(_key(endpoint))


def _key(endpoint: Endpoint) -> str:
    return f"{endpoint.vendor.name} at {endpoint.host}"


def sentence(endpoint: Endpoint) -> str:
    """What leaves this machine when this endpoint makes the vectors."""
    return (
        f"{endpoint.name} is not on this machine: every note and conversation, and each question, would go to "
        f"{endpoint.host}. What is private (egress: local) stays here."
    )


class Embedders:
    """The models for vectors of one home."""

    def __init__(
        self,
        config: Config,
        outbound: Outbound,
        cache: Path,
        agreed: Agreed,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._config = config
        self._outbound = outbound
        self._cache = cache
        self._environ = os.environ if environ is None else environ
        self.agreed = agreed

    @property
    def choice(self) -> Choice:
        """What the settings ask for."""
        memory = self._config.memory
        return chosen(memory.embedding_provider, memory.embedding_model)

    def make(self) -> tuple[Embedder | None, str]:
        """The settings' model (``None``: words only), and a sentence for the owner where it isn't that one (else empty)."""
        choice = self.choice
        if choice.provider == NONE:
            return None, ""
        if choice.provider == LOCAL:
            return Bundled(), ""
        if choice.provider == FASTEMBED:
            return FastEmbed(choice.model, self._cache, self._outbound.declare), ""
        try:
            endpoint = self.endpoint(choice)
        except NotLoggedIn as error:
            return Missing(choice.name, error), ""
        except ConfigError as error:
            return Bundled(), f"{error.message} The model that comes along is used. {error.hint}"
        if not endpoint.local and not self.agreed.has(endpoint):
            said = f"{sentence(endpoint)} Until you agree (localgpt memory model {choice.name} --agree) the model that comes along is used."
            return Bundled(), said
        return self.served(endpoint), ""

    def endpoint(self, choice: Choice) -> Endpoint:
        """The server that a choice means. Raises ``ConfigError``, or ``NotLoggedIn`` without a key."""
        from localgpt.models import names
        from localgpt.models.names import Route
        from localgpt.models.vendors import VENDORS, Shape

        try:
            where = names.route(choice.name, self._config.providers)
            vendor = VENDORS.get(where.provider)
            if vendor and vendor.shape is Shape.ANTHROPIC:
                raise ConfigError(f"{vendor.title} makes no vectors.", hint=_KNOWN)
            return names.endpoint(Route(where.provider, choice.model), self._config.providers, self._environ)
        except UnknownModel as error:
            raise ConfigError(
                f"There is no embedding model {choice.name!r}: {error.message}", hint=_KNOWN
            ) from None

    def former(self, name: str) -> Embedder | None:
        """An earlier model by the name that an index has, if it is on this machine and can serve on."""
        if found := downloaded(name, self._cache):
            return found
        provider, _, model = name.partition("/")
        try:
            endpoint = self.endpoint(Choice(provider, model))
        except (ConfigError, ModelError):  # nobody knows it any more
            return None
        return self.served(endpoint) if endpoint.local else None

    def served(self, endpoint: Endpoint) -> Embedder:
        """The model at a server. Whether it may be asked is for the caller to know."""
        from localgpt.memory.served import Place, Served

        start = endpoint.vendor.start
        place = Place(
            endpoint.name,
            endpoint.base_url,
            endpoint.model,
            endpoint.key,
            endpoint.headers,
            endpoint.local,
            _advice(endpoint, start),
        )
        return Served(place, self._outbound.client)


_KNOWN = "Use local, fastembed/MODEL, ollama/MODEL, openai/MODEL, NAME/MODEL of a [providers.NAME], or none."


def _advice(endpoint: Endpoint, start: str) -> str:
    if endpoint.vendor.name == "ollama":
        return f"Start it ({start}), and fetch the model: ollama pull {endpoint.model}"
    return f"Start it: {start}" if start else f"See providers.{endpoint.vendor.name} in the settings."


class Missing:
    """A model that can't be asked, for want of a key: words are searched, and each search says why."""

    dimensions = 0
    local = False

    def __init__(self, name: str, error: ModelError) -> None:
        self.name = name
        self._error = error

    def embed_documents(self, texts: object) -> list[bytes]:  # noqa: ARG002 - the shape of an embedder
        """Raises ``EmbeddingError``."""
        raise EmbeddingError(self._error.message, hint=self._error.hint)

    def embed_query(self, text: str) -> bytes:  # noqa: ARG002 - the same
        """Raises ``EmbeddingError``."""
        raise EmbeddingError(self._error.message, hint=self._error.hint)
