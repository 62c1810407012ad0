"""A standing pull on a JetStream consumer: messages flow as they come, credit is renewed ahead, nothing is waited for.

FastStream's batch pull holds a lone message for seconds and hides a lost consumer (style.md section 5), so the
chassis asks the server itself: one request for many messages stays open, heartbeats tell that it still does.
"""

import asyncio
import time
from collections import deque
from typing import Final

from nats.aio.client import Client as Nats
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from pydantic_core import to_json

from .leaving import drain
from .limits import ACK_WAIT_SECONDS
from .telemetry import log

CREDIT: Final = 1000
LOW_CREDIT: Final = 500
EXPIRES_SECONDS: Final = 30
HEARTBEAT_SECONDS: Final = 2
SILENCE_SECONDS: Final = 3 * HEARTBEAT_SECONDS
NEVER: Final = float("-inf")
LONGEST_TURN_SECONDS: Final = ACK_WAIT_SECONDS


class StandingPull:
    """Messages of one durable. `heard_at` is when the server last gave a sign of life for it (monotonic seconds)."""

    def __init__(self, nats: Nats, stream: str, durable: str) -> None:
        self._nats = nats
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._durable = durable
        self._request = to_json(
            {"batch": CREDIT, "expires": EXPIRES_SECONDS * 10**9, "idle_heartbeat": HEARTBEAT_SECONDS * 10**9}
        )
        self._inbox = ""
        self._subscription: Subscription | None = None
        self._former: Subscription | None = None
        self._messages: deque[Msg] = deque()
        self._wake = asyncio.Event()
        self._credit = 0
        self._asked_at = 0.0
        self.heard_at = self._turned_at = time.monotonic()

    @property
    def waiting(self) -> bool:
        """Whether messages would be heard now: the server knows of our request, and the loop comes round."""
        now = time.monotonic()
        return now - self.heard_at <= SILENCE_SECONDS and now - self._turned_at <= LONGEST_TURN_SECONDS

    async def take(self, most: int) -> list[Msg]:
        """At least one message, at most `most`; waits until one is there."""
        self._turned_at = time.monotonic()
        while not self._messages:
            await self._keep_asking()
            self._wake.clear()
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS / 2):
                    await self._wake.wait()
            except TimeoutError:
                self._turned_at = time.monotonic()
        if self._credit < LOW_CREDIT and self._nats.is_connected:
            await self._ask()
        # Taken last, and not waited after: what is taken and then lost here comes again only when its ack is overdue.
        return [self._messages.popleft() for _ in range(min(most, len(self._messages)))]

    async def give_back(self) -> list[Msg]:
        """Asks for no more and returns what was delivered but not taken, also what was still on its way."""
        inboxes, self._former, self._subscription = (self._former, self._subscription), None, None
        await asyncio.gather(*(drain(inbox) for inbox in inboxes if inbox is not None))
        left = list(self._messages)
        self._messages.clear()
        return left

    def ask_anew(self) -> None:
        """The connection is a new one: whether the server knows of our last request is not waited for."""
        self.heard_at = self._asked_at = NEVER
        self._wake.set()

    async def _keep_asking(self) -> None:
        """Asks when there is no credit left, and anew, from a fresh inbox, when the server has gone silent."""
        if not self._nats.is_connected:  # a buffered request would reach the server later, its inbox long left
            return
        now = time.monotonic()
        if self._subscription is None or now - max(self.heard_at, self._asked_at) > SILENCE_SECONDS:
            await self._change_inbox()
        if self._credit <= 0:
            await self._ask()

    async def _change_inbox(self) -> None:
        """Listens at a fresh inbox, and at the last one as well until the next change: the server may know of the
        request made there after all, and what it sends to nobody comes again only when its ack is overdue."""
        inbox = self._nats.new_inbox()
        subscription = await self._nats.subscribe(
            inbox, cb=self._arrived, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        left, self._former, self._subscription = self._former, self._subscription, subscription
        self._inbox, self._credit = inbox, 0
        if left is not None:
            await left.unsubscribe()

    async def _ask(self) -> None:
        self._credit += CREDIT
        self._asked_at = time.monotonic()
        await self._nats.publish(self._subject, self._request, reply=self._inbox)

    async def _arrived(self, message: Msg) -> None:
        status = message.headers.get("Status") if message.headers and not message.data else None
        if status is None:
            self._credit -= 1
            self.heard_at = time.monotonic()
            self._messages.append(message)
            self._wake.set()
        elif status == "100":
            self.heard_at = time.monotonic()
        else:
            self._refused(status)

    def _refused(self, status: str) -> None:
        """The request ended (404, 408, 409) or nobody answers (503): asked again at the next turn, never in a spin."""
        self._credit = 0
        if status in ("404", "408"):
            self.heard_at = time.monotonic()
        elif status == "503":
            if self.waiting:
                log.warning("nobody answers for the consumer", durable=self._durable)
            self.heard_at = NEVER
