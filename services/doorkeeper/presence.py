"""Who of the partners is connected, and who must go: a system whose access or key has ended (decision 0013)."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from nats.aio.client import Client as Nats
from nats.errors import Error as NatsError

from contracts.client import Client
from contracts.refusals import Refused
from contracts.registry.v1 import ClientState, ConfirmClient
from services.chassis.client_tokens import STALE_SECONDS, ClientToken
from services.chassis.logs import kind_of
from services.chassis.telemetry import log
from services.chassis.tokens import Signer

LOOKS: Final = "$SYS.REQ.SERVER.PING.CONNZ"
SENDS_AWAY: Final = "$SYS.REQ.SERVER.{server}.KICK"
ACCOUNT: Final = "PARTNER"
ANSWER_SECONDS: Final = 1.0
"""For how long servers are waited for, and registry."""
AT_ONCE: Final = 64
"""Questions to registry under way."""
PAGE: Final = 1024
NAME: Final = re.compile(r"client:([0-9a-f-]{36}):([0-9a-f]{16}):(\d{12})")

Confirm = Callable[[UUID, str], Awaitable[ClientState]]
"""Asks registry of a system by its id and the name of its key. Raises Refused."""


def name_of(token: ClientToken, region: str) -> str:
    """Under which name the user of a system stands in the server's list of connections."""
    return f"client:{token.client_id}:{token.key}:{region}"


@dataclass(frozen=True, slots=True)
class Present:
    """One connection of a system: where, and by which key it came to hear which region."""

    server: str
    number: int
    client_id: UUID
    key: str
    region: str


def confirming(connection: Nats, signer: Signer) -> Confirm:
    """Asks registry over the doorkeeper's connection, in its own name."""
    client = Client(connection, signer.service_token, timeout=ANSWER_SECONDS)

    async def confirm(client_id: UUID, key: str) -> ClientState:
        return await client.ask(ConfirmClient(client_id=client_id, key_name=key))

    return confirm


class Presence:
    """Looks at all servers' lists, and ends every connection of a system that registry no longer confirms.

    Nothing is remembered but when each was confirmed last: whoever was let in by another doorkeeper, or by an earlier
    life of this one, stands in the servers' lists like everybody else.
    """

    def __init__(self, connection: Nats, confirm: Confirm) -> None:
        self._connection, self._confirm = connection, confirm
        self._confirmed: dict[tuple[UUID, str], float] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    async def look(self) -> int:
        """One round; how many connections it ended. Raises nats' errors."""
        present = await self._present()
        systems = list({(it.client_id, it.key) for it in present})
        # Together: while registry does not answer, each costs the time of an answer, and all have to go in time.
        regions = dict(zip(systems, await asyncio.gather(*(self._region(*each) for each in systems)), strict=True))
        self._confirmed = {system: at for system, at in self._confirmed.items() if system in regions}
        leaving = [it for it in present if regions[it.client_id, it.key] not in (it.region, None)]
        return sum([await self._send_away(each) for each in leaving])

    async def _send_away(self, each: Present) -> bool:
        """False where its server is gone meanwhile: no reason to keep the others. The next round looks again."""
        log.info("a partner is let in no more", client=str(each.client_id))
        place = SENDS_AWAY.format(server=each.server)
        try:
            # Asked and not merely said: a server does nothing for whoever wants no answer.
            await self._connection.request(place, json.dumps({"cid": each.number}).encode(), timeout=ANSWER_SECONDS)
        except NatsError as error:
            log.warning("a server did not send a partner away", error=kind_of(error))
            return False
        return True

    async def _region(self, client_id: UUID, key: str) -> str | None:
        """The region that a system may hear; empty when it may none, None while nobody can tell, but not for ever."""
        now = time.monotonic()
        since = self._confirmed.setdefault((client_id, key), now)
        try:
            async with self._room:
                client = await self._confirm(client_id, key)
        except Refused as refused:
            away = refused.refusal.code == "unavailable" and now - since < STALE_SECONDS
            return None if away else ""
        self._confirmed[client_id, key] = now
        return client.region

    async def _present(self) -> list[Present]:
        """The systems' connections on every server that answers."""
        present: list[Present] = []
        offset, more = 0, True
        while more:
            answers = await self._lists(offset)
            present += [
                Present(answer["server"]["id"], each["cid"], UUID(found[1]), found[2], found[3])
                for answer in answers
                for each in answer["data"]["connections"]
                if (found := NAME.fullmatch(each.get("authorized_user", "")))
            ]
            offset += PAGE
            more = any(answer["data"]["total"] > offset for answer in answers)
        return present

    async def _lists(self, offset: int) -> list[dict[str, Any]]:
        """Each server's own part of its list; how many servers there are nobody knows, so some time is waited."""
        inbox = self._connection.new_inbox()
        heard = await self._connection.subscribe(inbox)
        asked = {"acc": ACCOUNT, "auth": True, "limit": PAGE, "offset": offset}
        await self._connection.publish(LOOKS, json.dumps(asked).encode(), reply=inbox)
        answers = []
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                async for message in heard.messages:
                    answers.append(json.loads(message.data))
        except TimeoutError:
            return answers
        finally:
            await heard.unsubscribe()
        return answers
