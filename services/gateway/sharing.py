"""Gateways tell each other what they gave, so that a caller has one limit and not one a gateway (decision 0022), and
which logins were changed, so that none goes on with what it knew."""

import asyncio
from typing import Annotated, Final
from uuid import uuid4

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.chassis.logs import kind_of
from services.chassis.telemetry import log

from .bus import Bus
from .identity import Identity
from .limits import LONGEST, Limits

SUBJECT: Final = "gateway.given"
"""Said and heard by gateways alone (deploy/nats/access.py); nothing of it is stored."""
EVERY_SECONDS: Final = 0.25
MOST_KEYS: Final = 5000
"""Keys in one message: some 300 kB."""

Key = Annotated[str, Field(max_length=LONGEST)]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Given(BaseModel):
    """What one gateway gave in a quarter of a second, by bucket and key, and the logins that it forgot."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    by: str
    given: dict[str, dict[Key, Count]]
    forgotten: tuple[Hash, ...] = ()


class Sharing:
    """Tells and hears while the gateway runs; without a bus each gateway keeps its own count."""

    def __init__(self, limits: Limits, identity: Identity, bus: Bus) -> None:
        self.limits, self._identity, self._bus = limits, identity, bus
        self._name = uuid4().hex
        self._connection: object = None

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.turn()
            except (NatsError, OSError) as error:
                log.warning("other gateways cannot be told what was given", error=kind_of(error))

    async def turn(self) -> None:
        """Listens where it does not yet, and tells what is to be told. What cannot be told is forgotten."""
        given, forgotten = self.limits.tell(), self._identity.tell_forgotten()
        connection = self._bus.connection
        if connection is None or not connection.is_connected:
            return
        if connection is not self._connection:
            await connection.subscribe(SUBJECT, cb=self._heard)
            self._connection = connection
        said = [Given(by=self._name, given=part) for part in _parts(given)]
        for start in range(0, len(forgotten), MOST_KEYS):
            said.append(Given(by=self._name, given={}, forgotten=tuple(forgotten[start : start + MOST_KEYS])))
        for each in said:
            await connection.publish(SUBJECT, each.model_dump_json().encode())

    async def _heard(self, message: Msg) -> None:
        try:
            told = Given.model_validate_json(message.data)
        except ValidationError:
            log.error("what another gateway gave cannot be read")
            return
        if told.by != self._name:
            self.limits.hear(told.given)
            self._identity.hear_forgotten(told.forgotten)


def _parts(given: dict[str, dict[str, int]]) -> list[dict[str, dict[str, int]]]:
    """The same in messages of MOST_KEYS at most; none where nothing was given."""
    pairs = [(name, key, count) for name, counts in given.items() for key, count in counts.items()]
    parts: list[dict[str, dict[str, int]]] = []
    for start in range(0, len(pairs), MOST_KEYS):
        part: dict[str, dict[str, int]] = {}
        for name, key, count in pairs[start : start + MOST_KEYS]:
            part.setdefault(name, {})[key] = count
        parts.append(part)
    return parts
