"""Pushes one signed webhook (Standard Webhooks) to the address that was checked, and reads the answer's head."""

import asyncio
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Self
from uuid import UUID

import httpx2
from standardwebhooks import Webhook

from services.notify.webhooks.addresses import AddressRefused, Guard, read_url
from services.notify.webhooks.rules import TROUBLED_REST, Answer, Outcome, read_answer

SECONDS: Final = 15
AT_ONCE: Final = 64


@dataclass(slots=True)
class Pusher:
    """Pushes without redirects and without proxies, each time over a fresh connection to a fresh answer of `guard`."""

    guard: Guard
    trust: ssl.SSLContext | bool = True
    seconds: float = SECONDS
    _client: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        # A kept connection would carry the next push to an address that was checked for another name.
        limits = httpx2.Limits(max_connections=AT_ONCE, max_keepalive_connections=0)
        self._client = httpx2.AsyncClient(
            verify=self.trust, trust_env=False, follow_redirects=False, timeout=self.seconds, limits=limits
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def push(self, url: str, secrets: Sequence[str], event_id: UUID, body: str) -> Answer:
        """The outcome of one push, signed with each of the secrets; never raises for what the other side does."""
        try:
            async with asyncio.timeout(self.seconds):
                return await self._push(read_url(url), sign(secrets, event_id, body), body)
        except AddressRefused:
            return Answer(Outcome.SILENT, "address-not-allowed", TROUBLED_REST)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as error:
            reason = "timeout" if isinstance(error, TimeoutError | httpx2.TimeoutException) else "no-answer"
            return Answer(Outcome.SILENT, reason, TROUBLED_REST)

    async def _push(self, url: httpx2.URL, headers: dict[str, str], body: str) -> Answer:
        address = await self.guard.address_of(url)
        there = url.copy_with(host=address, fragment=None)
        headers |= {"host": url.netloc.decode("ascii"), "content-type": "application/json", "user-agent": "linli"}
        request = self._client.stream(
            "POST",
            there,
            content=body.encode(),
            headers=headers,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        async with request as answer:
            return read_answer(answer.status_code, answer.headers.get("retry-after"), datetime.now(UTC))


def sign(secrets: Sequence[str], event_id: UUID, body: str) -> dict[str, str]:
    """The headers of Standard Webhooks, a signature for each secret parted by spaces. The receiver checks their time
    against its own clock, so it is the real one."""
    now = int(time.time())
    at = datetime.fromtimestamp(now, UTC)
    return {
        "webhook-id": str(event_id),
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join([Webhook(secret).sign(str(event_id), at, body) for secret in secrets]),
    }
