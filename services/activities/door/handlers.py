"""What activities does at the door: passes, the code on the screen, uploads of offline devices, the screen itself."""

from typing import Final

from contracts.activities.v1 import (
    Door,
    EnrolmentStatus,
    GetDoor,
    GetPasses,
    OnSiteCode,
    Pass,
    Passes,
    Scan,
    ScanResult,
    SessionStatus,
    ShowOnSiteCode,
    UploadScans,
    UploadSummary,
)
from contracts.audit import AuditAction
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.attendance.rules import clock_of
from services.activities.attendance.scanning import Outcome, Request, count_scans
from services.activities.door import passes, screen, store
from services.activities.enrolment.rules import ACTIVE
from services.activities.enrolment.store import find_enrolments
from services.activities.gates.store import find_cares
from services.activities.sessions.scope import find_permitted
from services.activities.sessions.store import find_session, lock_sessions
from services.chassis import Transaction, clock
from services.chassis.access import decide

MOST_ENTRIES: Final = 2_000


@activities.answers(GetPasses)
async def get_passes(query: GetPasses, tx: Transaction) -> Passes | Refusal:
    enrolment = next(iter(await find_enrolments(tx, [query.enrolment_id])), None)
    session = await find_session(tx, enrolment.session_id) if enrolment else None
    if enrolment is None or session is None:
        return Refusal("unknown-enrolment", enrolment_id=str(query.enrolment_id))
    denied = decide(tx.actor, query.contract.permission, session.region)
    if denied:
        return denied
    if enrolment.status is not EnrolmentStatus.CONFIRMED:
        return Refusal("no-seat-yet" if enrolment.status in ACTIVE else "enrolment-ended")
    secret = await store.find_secret(tx)
    places = [(enrolment.session_id, person_id) for person_id in enrolment.people]
    return Passes(
        enrolment_id=enrolment.enrolment_id,
        session_id=enrolment.session_id,
        passes=tuple(
            Pass(person_id=place[1], qr=passes.qr_of(secret, place), pass_code=passes.code_of(secret, place))
            for place in places
        ),
    )


@activities.answers(ShowOnSiteCode)
async def show_on_site_code(query: ShowOnSiteCode, tx: Transaction) -> OnSiteCode | Refusal:
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    if session.status in (SessionStatus.CANCELLED, SessionStatus.CLOSED):
        return Refusal("session-cancelled" if session.status is SessionStatus.CANCELLED else "attendance-closed")
    secret = await store.find_secret(tx)
    return OnSiteCode(
        session_id=session.session_id,
        on_site_code=passes.on_site_code(secret, session.session_id, tx.now),
        renew_at=passes.renew_at(tx.now),
    )


@activities.decides(UploadScans)
async def upload_scans(command: UploadScans, tx: Transaction) -> UploadSummary | Refusal:
    """In the order in which they were taken, whatever the order of the upload; answered in the order of the upload."""
    device = clock_of(command.device_id, command.device_time, tx.now)
    if isinstance(device, Refusal):
        return device
    sessions = await lock_sessions(tx, {scan.session_id for scan in command.scans})
    outcomes: dict[int, Outcome] = {}
    requests: dict[int, Request] = {}
    for place, scan in sorted(enumerate(command.scans), key=lambda each: each[1].occurred_at):
        session = sessions.get(scan.session_id)
        if session is None:
            outcomes[place] = Refusal("unknown-session", session_id=str(scan.session_id))
            continue
        denied = decide(tx.actor, command.contract.permission, session.region)
        if denied:
            outcomes[place] = denied
        else:
            requests[place] = Request(scan, session, tx.cause)
    counted = await count_scans(tx, list(requests.values()), device)
    outcomes |= dict(zip(requests, counted, strict=True))
    results = tuple(_result(scan, outcomes[place]) for place, scan in enumerate(command.scans))
    refused = sum(isinstance(each, Refusal) for each in outcomes.values())
    return UploadSummary(
        counted=len(results) - refused,
        refused=refused,
        skew_seconds=int(device.skew.total_seconds()),
        results=results,
    )


def _result(scan: Scan, outcome: Outcome) -> ScanResult:
    if isinstance(outcome, Refusal):
        return ScanResult(
            client_id=scan.client_id,
            result=outcome.code,
            since=outcome.params.get("since"),
            session_id=outcome.params.get("session_id") if outcome.code == "wrong-session" else None,
        )
    return ScanResult(client_id=scan.client_id, result="counted", attendance_id=outcome.attendance_id)


@activities.answers(GetDoor, audited=True)
async def get_door(query: GetDoor, tx: Transaction) -> Door | Refusal:
    """A few small statements where nothing changed; at most 2,000 people are shown. The audit log tells once of each
    child that the screen was opened; a screen that stays open is the same reading."""
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    care = (await find_cares(tx, [query.session_id])).get(query.session_id)
    parts = await store.find_version(tx, query.session_id)
    secret, reader = await store.find_secret(tx), tx.actor.id
    version = screen.version_of(session, list(parts.values()), care.version if care else 0, tx.now, secret, reader)
    if version == query.known:
        return Door(session_id=query.session_id, version=version, unchanged=True)
    known = screen.Known(
        session=session,
        expected=await store.list_expected(tx, query.session_id, MOST_ENTRIES),
        came=await store.list_came(tx, query.session_id, MOST_ENTRIES),
        excused=await store.list_excused(tx, query.session_id),
        noted=await store.list_noted(tx, session.site_id, clock.day_of(session.starts_at)),
        heads=parts["heads"],
        in_care=care is not None,
        secret=secret,
    )
    shown = screen.show(known, version, tx.now)
    if not screen.was_shown(query.known, session, secret, reader):
        children = [each.person_id for each in shown.entries if each.age_band.is_minor]
        await tx.audit(AuditAction.ROSTER_READ, about=children, thing=session.session_id, region=session.region)
    return shown
