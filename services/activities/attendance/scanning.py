"""Scans are counted here, alone or by the hundred: one transaction, one set of statements, one answer each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.activities.v1 import AttendanceMark, Enrol
from contracts.refusals import Refusal
from services.activities import store as replicas
from services.activities.attendance import facts, store
from services.activities.attendance.gate import Gate
from services.activities.attendance.people import People, meet_people
from services.activities.attendance.rules import Attendance, Device, Scan, Shown
from services.activities.attendance.store import Place, ScanKey
from services.activities.custody.alarm import mind, open_care
from services.activities.enrolment import store as enrolments
from services.activities.enrolment.facts import first_fact
from services.activities.enrolment.placed import save_placed
from services.activities.enrolment.quotas import are_parted
from services.activities.enrolment.rules import Placing
from services.activities.gates.rules import Care
from services.activities.passes import store as passes
from services.activities.passes.returning import say_used
from services.activities.passes.rules import PassBook
from services.activities.sessions.rules import Session
from services.chassis import Transaction
from services.chassis.transaction import Cause

Outcome = Attendance | Refusal


@dataclass(frozen=True, slots=True)
class Request:
    """One scan to count: its session is locked, its asker may scan there."""

    shown: Shown
    session: Session
    cause: Cause
    on_site_code: str | None = None


async def count_scans(tx: Transaction, requests: Sequence[Request], device: Device) -> list[Outcome]:
    """Counts what counts, in the order given, and says it. The answers are in that order: the attendance as it is now,
    or why not."""
    counted = await store.find_scanned(tx, [each.shown for each in requests])
    on_site = any(each.on_site_code is not None for each in requests)
    people = await meet_people(tx, [each.shown for each in requests], on_site, counted)
    scans = [_read(each.shown, people, device) for each in requests]
    sessions = {each.session.session_id: each.session for each in requests}
    cares = await open_care(tx, sessions)
    gate = await _open_gate(tx, [scan for scan in scans if isinstance(scan, Scan)], sessions, counted, cares)

    outcomes: list[Outcome] = []
    kept: list[tuple[Scan, Attendance]] = []
    walked_in: list[tuple[Enrol, Placing]] = []
    for each, scan in zip(requests, scans, strict=True):
        if isinstance(scan, Refusal):
            outcomes.append(scan)
            continue
        repeat = gate.find_repeat(scan)
        outcome = (
            repeat
            or people.stands_here(each.shown, each.on_site_code, tx.now)
            or gate.decide(scan, each.session, tx.now, uuid7())
        )
        outcomes.append(outcome)
        if repeat is None and isinstance(outcome, Attendance):
            kept.append((scan, outcome))
            placing = gate.placed.pop((scan.session_id, scan.person_id), None)
            if placing is not None:
                walked_in.append((_seat(tx, scan, placing, each), placing))
            _say_recorded(tx, scan, outcome, each)
            if (use := gate.book.uses.get((scan.session_id, scan.person_id))) and outcome.version == 1:
                say_used(tx, use, each.cause)
    await _save(tx, gate, kept, walked_in)
    await mind(tx, sessions, cares, kept)
    return outcomes


def _read(shown: Shown, people: People, device: Device) -> Scan | Refusal:
    """A scan of a known person, or why nobody is known by it."""
    person = people.find(shown)
    return person if isinstance(person, Refusal) else Scan.of(shown, person, device)


async def _open_gate(
    tx: Transaction,
    scans: Sequence[Scan],
    sessions: Mapping[UUID, Session],
    counted: Mapping[ScanKey, UUID],
    cares: Mapping[UUID, Care],
) -> Gate:
    """Reads all that the scans are decided on, with the sessions locked already."""
    places = {(scan.session_id, scan.person_id) for scan in scans}
    attendances = await store.find_attendances(tx, set(counted.values()))
    expected = await store.find_expected(tx, places)
    strangers = {(scan.session_id, scan.person_id) for scan in scans if scan.walk_in} - expected
    going = [scan for scan in scans if scan.mark is AttendanceMark.CHECK_OUT and scan.session_id in cares]
    leaving = {(scan.session_id, scan.person_id) for scan in going}
    asked_of = {person for _, person in strangers | leaving}
    people = await replicas.find_people(tx, asked_of) if asked_of else {}
    present = await store.find_present(tx, places)
    parted = {id for id, session in sessions.items() if are_parted(session.terms)} if strangers else set()
    return Gate(
        scanned={key: attendances[attendance_id] for key, attendance_id in counted.items()},
        present=present,
        expected=expected,
        elsewhere=await store.find_elsewhere(tx, places - expected - strangers),
        awaiting=await store.find_awaiting(tx, strangers),
        people=people,
        in_care={place for place in leaving if (known := people.get(place[1])) and known.age_band.is_under_14},
        book=await _open_book(tx, sessions, scans, present),
        quotas=await enrolments.find_quotas(tx, parted),
    )


async def _open_book(
    tx: Transaction, sessions: Mapping[UUID, Session], scans: Sequence[Scan], present: Collection[Place]
) -> PassBook:
    """The course passes of who comes for the first time into a session that is entered by pass; locked."""
    needing = await passes.find_needing(tx, sessions)
    coming = {
        scan.person_id
        for scan in scans
        if scan.session_id in needing and (scan.session_id, scan.person_id) not in present
    }
    if not coming:
        return PassBook(needing)
    return PassBook(needing, await passes.lock_passes_of(tx, coming, {sessions[id].site_id for id in needing}))


async def _save(
    tx: Transaction,
    gate: Gate,
    kept: Sequence[tuple[Scan, Attendance]],
    walked_in: Sequence[tuple[Enrol, Placing]],
) -> None:
    if walked_in:
        await save_placed(tx, walked_in, gate.seats)
    if kept:
        await store.set_attendances(tx, gate.changed.values())
        await store.add_scans(tx, kept)
    if gate.book.uses:
        await passes.add_uses(tx, gate.book.uses.values())


def _seat(tx: Transaction, scan: Scan, placing: Placing, request: Request) -> Enrol:
    """The enrolment of a walk-in, said like any other."""
    enrolment = Enrol(
        enrolment_id=uuid7(), session_id=scan.session_id, contact_id=scan.person_id, people=(scan.person_id,)
    )
    tx.say(first_fact(enrolment, placing), region=request.session.region, version=1, cause=request.cause)
    return enrolment


def _say_recorded(tx: Transaction, scan: Scan, attendance: Attendance, request: Request) -> None:
    fact = facts.recorded(attendance, scan.mark, scan.method, scan.occurred_at)
    tx.say(fact, region=request.session.region, version=attendance.version, cause=request.cause)
