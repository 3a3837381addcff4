"""Which engine answers: what was asked for, what the settings say, what is there, else ``recall``.

Engines are made once and kept. Those elsewhere are asked again where waiting helps, and the settings' fallback models
take over where one can't answer.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Mapping

from localgpt.core.config import Config
from localgpt.core.errors import ConfigError, ModelError
from localgpt.core.outbound import Outbound
from localgpt.core.provider_settings import ProviderSettings
from localgpt.models import discovery, names
from localgpt.models.base import Engine
from localgpt.models.names import CLAUDE_CLI, RECALL, Route
from localgpt.models.recall import Recall
from localgpt.models.retrying import Chain, Retrying


class Engines:
    """All engines of one assistant."""

    def __init__(
        self,
        config: Config,
        outbound: Outbound,
        *,
        environ: Mapping[str, str] | None = None,
        reveal: Callable[[str], str] = str,
    ) -> None:
        """``reveal`` gives the key that a setting means (``core.secrets.Keys.reveal``)."""
        self._config = config
        self._reveal = reveal
        self._outbound = outbound
        self._environ = os.environ if environ is None else environ
        self._made: dict[str, Engine] = {}
        self._making = threading.Lock()

    def named(self, name: str) -> Engine:
        """The engine that ``name`` means. Raises ``UnknownModel``, ``NotLoggedIn`` or ``ConfigError``."""
        where = self._route(name)
        key = str(where)
        with self._making:
            if key not in self._made:
                self._made[key] = self._make(where)
            return self._made[key]

    def ready(self, name: str) -> Engine:
        """The same, if it can be seen to be there; raises what is missing. No server is asked."""
        if self._route(name).provider == CLAUDE_CLI:
            discovery.require_claude(self._config.providers, self._environ)
        return self.named(name)

    async def candidates(self) -> tuple[discovery.Candidate, ...]:
        """All that was found here, the one that would be chosen first; ``recall`` last."""
        return await discovery.everything(self._config.providers, self._environ, self._outbound)

    def price(self, name: str) -> tuple[float, float] | None:
        """US dollars for a million tokens read and written; ``None`` where no price is known."""
        where = self._route(name)
        if where.provider == RECALL:
            return 0.0, 0.0
        if where.provider == CLAUDE_CLI:
            return None
        from localgpt.models import prices

        return prices.per_million(names.endpoint(where, self._config.providers, self._environ))

    async def choose(self, *, local: bool = False) -> tuple[Engine, str]:
        """The engine that answers when nobody named one, and a sentence if it is not the settings' (else empty).

        With ``local`` only what stays on this machine counts.
        """
        said = ""
        if configured := self._config.agent.default_model:
            try:
                engine = await asyncio.to_thread(self.ready, configured)
            except (ModelError, ConfigError) as error:
                said = f"{configured} (agent.default_model) can't answer: {error.message}"
            else:
                if engine.local or not local:
                    return await asyncio.to_thread(self._chained, engine), ""
        found = await self._found(local=local)
        return found, f"{said} {found.name} answers instead." if said else ""

    async def _found(self, *, local: bool) -> Engine:
        async for candidate in self._candidates():
            if local and not candidate.local:
                continue
            try:
                engine = await asyncio.to_thread(self.named, candidate.name)
                return await asyncio.to_thread(self._chained, engine)
            except (ModelError, ConfigError):  # found, but not usable as it is; the next one may be
                continue
        return self.named(RECALL)

    async def _candidates(self) -> AsyncIterator[discovery.Candidate]:
        """What is there, servers last: they are asked only when nothing else was good enough."""
        providers = self._config.providers
        for candidate in discovery.without_network(providers, self._environ):
            yield candidate
        for candidate in await discovery.servers(providers, self._environ, self._outbound):
            yield candidate

    @property
    def busy(self) -> bool:
        """Whether any of them is about a request."""
        return any(isinstance(engine, Retrying) and engine.at_work for engine in tuple(self._made.values()))

    async def aclose(self) -> None:
        """Let go of what engines keep warm."""
        for engine in self._made.values():
            await engine.aclose()

    def _route(self, name: str) -> Route:
        claude = discovery.claude_command(self._config.providers, self._environ) is not None
        return names.route(name, self._config.providers, claude_cli=claude)

    def _make(self, where: Route) -> Engine:
        if where.provider == RECALL:
            return Recall()
        if where.provider == CLAUDE_CLI:
            return Retrying(self._claude(where.model))
        from localgpt.models.api import ApiEngine

        place = names.endpoint(where, self._config.providers, self._environ)
        return Retrying(ApiEngine(place, self._outbound, reveal=self._reveal))

    def _claude(self, model: str) -> Engine:
        from localgpt.models.claude_cli import ClaudeCli

        given = self._config.providers.get(CLAUDE_CLI, ProviderSettings())
        return ClaudeCli(
            model or given.model or "opus",
            record=self._outbound.declare,
            command=given.command or "claude",
            env=self._environ,
        )

    def _chained(self, engine: Engine) -> Engine:
        """An engine with the settings' fallback models behind it, as far as they are there."""
        behind = []
        for name in self._config.agent.fallback_models:
            try:
                behind.append(self.ready(name))
            except (ModelError, ConfigError):  # it would not be of help
                continue
        return Chain([engine, *behind]) if behind else engine
