"""The owner's webhook: what there is to tell is posted to one address, as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from localgpt.core.errors import ConfigError, Unreachable
from localgpt.core.outbound import Outbound, explained
from localgpt.core.redact import redact
from localgpt.scheduler.channels import Message

PURPOSE = "heartbeat webhook"
_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Webhook:
    """``address`` is the owner's; only its host is ever recorded."""

    address: str
    outbound: Outbound
    name: str = "webhook"

    async def deliver(self, message: Message) -> None:
        """Post it. Raises ``Unreachable``, and ``ConfigError`` for what is no address."""
        host = host_of(self.address)
        body = {**message.as_json(), "title": redact(message.title), "text": redact(message.text)}
        with explained(host):
            async with self.outbound.client(PURPOSE) as client:
                answer = await client.post(self.address, json=body, timeout=_SECONDS)
        if answer.status_code >= 300:
            raise Unreachable(f"{host} did not take the message ({answer.status_code}).")


def host_of(address: str) -> str:
    """The host of an address. Raises ``ConfigError`` for what is none."""
    try:
        parts = urlsplit(address)
        if parts.scheme in {"http", "https"} and parts.hostname:
            return parts.hostname
    except ValueError:
        pass
    raise ConfigError(
        "heartbeat.webhook is no address.",
        hint="Give one like https://example.org/hook: localgpt config set heartbeat.webhook ADDRESS",
    )
