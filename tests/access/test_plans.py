"""The statements that many wait for still find their rows by an index, with the scope's condition added to them."""

import re

import pytest

from services.activities.attendance.store import FIND_ELSEWHERE, FIND_EXPECTED, FIND_PRESENT
from services.activities.counting.store import COUNT_CLOSED
from services.activities.enrolment.store import (
    ADD_ENROLMENTS,
    ADD_STEPS,
    FIND_TAKEN,
    LIST_ROSTER,
    LIST_WAITING,
)
from services.activities.sessions.store import LIST_SESSIONS, LOCK_SESSIONS, SET_SEATS
from services.activities.store import FIND_PEOPLE
from services.chassis.scope import transaction
from services.notify.delivery.store import FIND_DUE
from services.notify.inbox.store import LIST_ENTRIES
from services.notify.webhooks.store import CLAIM
from services.registry.people.store import SHARE_PEOPLE
from services.registry.sites.store import LIST_SITES
from services.registry.units.store import LIST_UNITS
from services.volunteers.hours.store import SUM_DAYS, SUM_REGION
from services.volunteers.roster.store import LOCK_PEOPLE
from services.volunteers.stints.store import LIST_STINTS_AFTER, LIST_TO_APPROVE, LOCK_STINTS
from tests.access.land import Land

HOT = {
    "registry": (SHARE_PEOPLE, LIST_SITES, LIST_UNITS),
    "activities": (
        *(LOCK_SESSIONS, FIND_PEOPLE, FIND_TAKEN, SET_SEATS, ADD_ENROLMENTS),
        *(ADD_STEPS, LIST_ROSTER, LIST_WAITING, LIST_SESSIONS, COUNT_CLOSED, FIND_PRESENT, FIND_EXPECTED),
        FIND_ELSEWHERE,
    ),
    "volunteers": (LIST_TO_APPROVE, LOCK_STINTS, LIST_STINTS_AFTER, LOCK_PEOPLE, SUM_DAYS, SUM_REGION),
    "notify": (FIND_DUE, LIST_ENTRIES, CLAIM),
}


@pytest.mark.parametrize("scope", ["3505", "all"])
async def test_hot_statements_use_an_index_under_every_scope(land: Land, scope: str) -> None:
    async with land.place.pool.acquire() as connection, transaction(connection, scope):
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await connection.execute("SET LOCAL enable_seqscan = off")  # the land is small: only what has to is read whole
        for sql in HOT[land.place.service.name]:
            number = len(set(re.findall(r"\$\d+", sql)))
            await connection.execute(f"PREPARE hot AS {sql}")
            rows = await connection.fetch(f"EXPLAIN EXECUTE hot ({', '.join(['NULL'] * number)})")
            await connection.execute("DEALLOCATE hot")
            plan = "\n".join(row[0] for row in rows)
            assert "Seq Scan" not in plan, f"{sql}\n{plan}"
