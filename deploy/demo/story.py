"""What all chapters share: the script, the day, the ids that follow from it, and the desks to ask at."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx2

from contracts.activities.v1 import SessionState
from contracts.region import NOWHERE
from contracts.registry.v1 import SiteState
from deploy.local.record import Record
from services.chassis.tokens import Signer

from .day import Day, DemoClock
from .desk import PATIENCE_SECONDS, Desk, NoAnswer
from .props import Props
from .screen import Screen
from .script import Script

T = TypeVar("T")

HOUSE: Final = uuid5(NAMESPACE_URL, "urn:linli:demo")
TOKEN_SECONDS: Final = 8 * 3600
LOOK_SECONDS: Final = 0.1
LONGEST_LOOK_SECONDS: Final = 0.5


@dataclass(slots=True)
class Story:
    """One telling of the story. `sites` and `sessions` fill as the chapters go: by the script's key, as they were told.

    `record` gives the stack's record as it is now: a service that was killed may be back at another address.
    """

    script: Script
    day: Day
    clock: DemoClock
    props: Props
    record: Callable[[], Record]
    screen: Screen
    client: httpx2.AsyncClient
    sites: dict[str, SiteState] = field(default_factory=dict)
    sessions: dict[str, SessionState] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)

    def id(self, kind: str, key: str) -> UUID:
        """The id of a thing of the script; the same in every telling of the same day."""
        return uuid5(uuid5(HOUSE, self.day.wednesday.isoformat()), f"{kind} {key}")

    def person(self, name: str) -> UUID:
        """The id of a person; names are unique in the script."""
        return self.id("person", name)

    def desk(self, staff: str) -> Desk:
        """The desk of one of the staff, with a token of her roles and region."""
        if staff not in self.desks:
            who = self.script.staff[staff]
            self.desks[staff] = self._desk_of(self._subject(staff), who.roles, who.region)
        return self.desks[staff]

    def desk_with(self, staff: str, *roles: str) -> Desk:
        """The same person with other roles than she should have."""
        return self._desk_of(self._subject(staff), roles, self.script.staff[staff].region)

    def public(self) -> Desk:
        """Somebody from the street, without any token."""
        return Desk(self.client, self.home, "", "", HOUSE)

    def _subject(self, staff: str) -> str:
        who = self.script.staff[staff]
        return f"client:{staff}" if who.machine else str(self.person(who.name))

    def _desk_of(self, subject: str, roles: tuple[str, ...], region: str = NOWHERE) -> Desk:
        token = Signer("gateway", self.record().secrets_dir).mint(subject, roles, region, seconds=TOKEN_SECONDS)
        return Desk(self.client, self.home, subject, token, HOUSE)

    def home(self) -> str:
        """Where the gateway is now."""
        return self.record().gateway_url


async def until(look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Looks again and again, ever less often, until there is something. Raises NoAnswer after much patience."""
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, LOOK_SECONDS
    while True:
        found = await look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise NoAnswer(what)
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_LOOK_SECONDS)
