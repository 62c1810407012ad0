"""Weighs the rows of a plan against what is planned now: sessions and sites under their locks when it counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from contracts.refusals import Refusal
from services.activities import store as replicas
from services.activities.calendar.store import find_closings
from services.activities.sessions import planning, rules, store
from services.activities.sessions.rules import Plan, Session, Site
from services.activities.term_plans.rules import CHANGED, NEW, Line, weigh
from services.chassis import Transaction


@dataclass(frozen=True, slots=True)
class Weighed:
    """Rows with their outcomes; the sites they are about, and by id each session before and after its change."""

    lines: list[Line]
    sites: dict[UUID, Site]
    changes: dict[UUID, tuple[Session, Session]]

    @property
    def new(self) -> list[tuple[Plan, Site]]:
        """What would be planned anew."""
        return [
            (line.plan, self.sites[line.site_id])
            for line in self.lines
            if line.outcome == NEW and line.plan is not None and line.site_id is not None
        ]


async def weigh_lines(tx: Transaction, lines: Sequence[Line], *, lock: bool) -> Weighed:
    """Decides each readable row; the others stay refused. With `lock` nothing can come in between until commit."""
    readable = [line for line in lines if line.plan is not None and line.outcome in (NEW, CHANGED)]
    if not readable:
        return Weighed(list(lines), {}, {})
    ids = [line.session_id for line in readable if line.session_id]
    before = await (store.lock_planned(tx, ids) if lock else store.find_planned(tx, ids))
    sites = await _sites(tx, readable, lock=lock)
    weighed: dict[int, Line] = {}
    changes: dict[UUID, tuple[Session, Session]] = {}
    for line in readable:
        session = before.get(line.session_id) if line.session_id else None
        outcome, after = weigh(line, session, sites[line.site_id], tx.now) if line.site_id else (line, None)
        weighed[line.row] = outcome
        if session is not None and after is not None:
            changes[session.session_id] = (session, after)
    taken = await _find_taken(tx, list(weighed.values()), changes)
    for id in taken:
        changes.pop(id, None)
    decided = [weighed.get(line.row, line) for line in lines]
    return Weighed([_unless_taken(line, taken) for line in decided], sites, changes)


async def _sites(tx: Transaction, lines: Sequence[Line], *, lock: bool) -> dict[UUID, Site]:
    ids = {line.site_id for line in lines if line.site_id}
    days = planning.days_of([line.plan for line in lines if line.plan])
    if lock:
        return await planning.lock_sites(tx, ids, days)
    closings = await find_closings(tx, ids, *days)
    return {
        id: replace(site, closings=closings.get(id, ())) for id, site in (await replicas.find_sites(tx, ids)).items()
    }


async def _find_taken(
    tx: Transaction, lines: Sequence[Line], changes: dict[UUID, tuple[Session, Session]]
) -> dict[UUID, UUID]:
    """Which of the good rows find their room held, by one another or by what stands already; the first come stay."""
    wanted: list[Plan | Session] = [line.plan for line in lines if line.outcome == NEW and line.plan]
    wanted += [after for _, after in changes.values()]
    clashes = rules.find_clashes(wanted)
    wanted = [each for each in wanted if each.session_id not in clashes]
    return clashes | (await store.find_overlaps(tx, wanted) if wanted else {})


def _unless_taken(line: Line, taken: dict[UUID, UUID]) -> Line:
    holder = taken.get(line.session_id) if line.session_id and line.outcome in (NEW, CHANGED) else None
    return line.refused(Refusal("room-taken", session_id=str(holder))) if holder else line
