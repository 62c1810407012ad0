"""Who stayed away, and what becomes of it: noted when a session is counted, or seats are given back too late (A14)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.activities.v1 import StandingChanged, StandingRule, StandingStatus
from services.activities.enrolment.rules import Enrolment
from services.activities.sessions.rules import Session
from services.activities.standing import rules, store
from services.activities.standing.rules import Standing
from services.chassis import Transaction
from services.chassis.transaction import Cause

LAPSES: Final = "standing-lapses"


async def suspended_contacts(
    tx: Transaction, sessions: Collection[Session], contacts: Collection[UUID]
) -> dict[tuple[UUID, UUID], datetime]:
    """By (host, contact): until when she is suspended, as far as any of the sessions asks for it."""
    hosts = {session.unit_id for session in sessions if session.terms and session.terms.standing}
    return await store.find_suspended(tx, hosts, contacts) if hosts else {}


async def note_absent(tx: Transaction, session: Session) -> None:
    """Whoever enrolled for a session that is counted now, and of whose family nobody came.

    A session to which nobody came at all was not held: then nobody stayed away. Say so by not calling this.
    """
    if session.terms is not None and session.terms.standing is not None:
        await _note(tx, session, session.terms.standing, await store.find_absent(tx, session.session_id))


async def note_late(tx: Transaction, session: Session, enrolment: Enrolment) -> None:
    """A late withdrawal, where the host's rule counts it."""
    rule = session.terms.standing if session.terms else None
    if rule is not None and rule.late_withdrawal_counts:
        await _note(tx, session, rule, [(enrolment.enrolment_id, enrolment.contact_id)])


async def _note(
    tx: Transaction,
    session: Session,
    rule: StandingRule,
    absent: Sequence[tuple[UUID, UUID]],
) -> None:
    if not absent:
        return
    noted = await store.add_absences(tx, session, absent, rules.lapses_at(rule, tx.now))
    until = rules.suspension_ends_at(rule, tx.now)
    suspended = [each for each in noted if rules.is_too_often(rule, each, tx.now)]
    await store.suspend(tx, suspended, until)
    for standing in suspended:
        tx.set_timer(LAPSES, standing.standing_id, until)
        say_changed(tx, standing, "absences", until)


def say_changed(
    tx: Transaction, standing: Standing, why: str, until: datetime | None = None, cause: Cause | None = None
) -> None:
    """States the standing after a change that counts as its next step."""
    tx.say(
        StandingChanged(
            standing_id=standing.standing_id,
            unit_id=standing.unit_id,
            person_id=standing.person_id,
            status=StandingStatus.SUSPENDED if until else StandingStatus.GOOD,
            until=until,
            why=why,
        ),
        region=standing.region,
        version=standing.version + 1,
        cause=cause,
    )
