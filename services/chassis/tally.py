"""Counts what anybody may do again and again: refused access, wrong logins. Written to the audit log in few rows.

What is refused writes nothing else, and whoever is refused must not fill the disk: equal refusals of some seconds are
one row with a count, and beyond so many different ones an hour only their kinds are told apart. A crash loses the
counts of the last seconds.
"""

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from contracts.audit import AuditAction
from contracts.refusals import Refusal
from contracts.region import NOWHERE, is_code

from .access import FORBIDDEN, Actor
from .scope import EVERYWHERE, transaction
from .transaction import written_actor

if TYPE_CHECKING:
    from .running import Running

EVERY_SECONDS: Final = 10.0
ROWS_AN_HOUR: Final = 1000
HOUR: Final = 3600.0
REASON: Final = re.compile(r"[0-9a-z._-]{0,60}")
MANY: Final = "many"
"""The actor of a row that stands for all beyond ROWS_AN_HOUR."""
ADD_COUNTED: Final = """
INSERT INTO audit (at, action, actor, about, region, reason, times)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::int[])
"""


class Kind(NamedTuple):
    """What is counted together."""

    action: AuditAction
    actor: str
    about: UUID | None
    region: str
    reason: str


class Tally:
    """The counts of one process since they were last written."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: dict[Kind, int] = {}
        self._rest: dict[Kind, int] = {}
        self._hour_ends = clock() + HOUR
        self._left = ROWS_AN_HOUR

    def note(
        self, action: AuditAction, actor: str, *, reason: str, region: str = NOWHERE, about: UUID | None = None
    ) -> None:
        """Counts one."""
        reason = reason if REASON.fullmatch(reason) else ""
        kind = Kind(action, written_actor(actor), about, region if is_code(region) else NOWHERE, reason)
        if kind in self._counts:
            self._counts[kind] += 1
        elif self._left > 0:
            self._left -= 1
            self._counts[kind] = 1
        else:
            kind = Kind(action, MANY, None, NOWHERE, reason)
            self._rest[kind] = self._rest.get(kind, 0) + 1

    def note_refusal(self, actor: Actor, refusal: Refusal, asked: object) -> None:
        """Counts it when somebody asked for what she may not; of a person, when the message names one."""
        if refusal.code in FORBIDDEN:
            about = getattr(asked, "person_id", None)
            place = str(refusal.params.get("region", NOWHERE))
            self.note(
                AuditAction.ACCESS_REFUSED,
                actor.id,
                reason=str(refusal.params.get("permission", "")),
                region=place,
                about=about if isinstance(about, UUID) else None,
            )

    def take(self, *, all: bool = False) -> dict[Kind, int]:
        """The counts to write now. Those beyond the hour's rows wait for its end, or for `all`."""
        taken, self._counts = self._counts, {}
        if all or self._clock() >= self._hour_ends:
            taken |= self._rest
            self._rest, self._left, self._hour_ends = {}, ROWS_AN_HOUR, self._clock() + HOUR
        return taken

    async def run(self, running: "Running") -> None:
        """Writes them every few seconds; the last ones are written when the service has stopped."""
        while not running.stopping.is_set():
            await self.write(running, self.take())
            await running.pause(EVERY_SECONDS)

    async def write(self, running: "Running", counts: dict[Kind, int]) -> None:
        """Adds a row for each. Raises asyncpg errors while the database is away; then the counts are kept."""
        if not counts:
            return
        columns = [list(column) for column in zip(*counts, strict=True)]
        columns[0] = [action.value for action in columns[0]]
        try:
            async with running.pool.acquire() as connection, transaction(connection, EVERYWHERE):
                await connection.execute(ADD_COUNTED, running.clock.now(), *columns, list(counts.values()))
        except BaseException:
            for kind, count in counts.items():
                self._counts[kind] = self._counts.get(kind, 0) + count
            raise
