"""What volunteers does when minutes are approved, taken back, or asked for."""

from collections.abc import Sequence
from dataclasses import replace

from contracts.audit import AuditAction
from contracts.refusals import Refusal
from contracts.volunteers.v1 import (
    ApproveHours,
    CertificateRevoked,
    GetHours,
    HoursCredited,
    HoursReversed,
    LedgerEntry,
    MinutesTotal,
    RejectStint,
    ReverseHours,
    StintRejected,
    StintState,
    StintStatus,
    SumMinutes,
    VolunteerHours,
)
from services.chassis import Asked, Transaction
from services.chassis.access import decide
from services.chassis.transaction import Cause
from services.volunteers import volunteers
from services.volunteers.certificates.store import revoke_certificates
from services.volunteers.fields import wrong
from services.volunteers.hours import rules, store
from services.volunteers.hours.approvals import Approvals
from services.volunteers.hours.rules import Entry
from services.volunteers.roster.store import find_volunteer, lock_people
from services.volunteers.stints.rules import state_of
from services.volunteers.stints.store import lock_stints


@volunteers.decides_many(ApproveHours)
async def approve_hours(requests: Sequence[Asked[ApproveHours]], tx: Transaction) -> None:
    stint_ids = {asked.data.stint_id for asked in requests}
    await lock_people(tx, await store.list_people(tx, stint_ids))
    stints = await lock_stints(tx, stint_ids)
    approvals = Approvals(
        stints=stints,
        used=await store.list_used_ids(tx, {asked.data.entry_id for asked in requests}),
        days=await store.sum_days(tx, {(stint.person_id, stint.service_date) for stint in stints.values()}),
    )

    credited: list[Entry] = []
    for asked in requests:  # in order of arrival: what was credited before counts towards the cap
        stint = stints.get(asked.data.stint_id)
        denied = decide(asked.actor, ApproveHours.contract.permission, stint.region) if stint else None
        outcome = denied or approvals.admit(asked.data, asked.actor.id)
        if isinstance(outcome, Refusal):
            asked.answer(outcome)
            continue
        credited.append(outcome)
        asked.answer(outcome.line)
        tx.say(_credited(outcome), region=outcome.region, version=1, cause=asked.cause)
        await _log(tx, AuditAction.HOURS_APPROVED, outcome, asked.cause)

    await store.add_entries(tx, credited)
    await store.set_credited(tx, [entry.stint_id for entry in credited])


@volunteers.decides(RejectStint)
async def reject_stint(command: RejectStint, tx: Transaction) -> StintState | Refusal:
    stint = (await lock_stints(tx, [command.stint_id])).get(command.stint_id)
    if stint is None:
        return Refusal("unknown-stint", stint_id=str(command.stint_id))
    refusal = decide(tx.actor, RejectStint.contract.permission, stint.region)
    refusal = refusal or rules.may_decide(stint, tx.actor.id)
    if refusal:
        return refusal

    stint = replace(stint, status=StintStatus.REJECTED, version=stint.version + 1)
    await store.set_rejected(tx, stint, command.reason)
    fact = StintRejected(
        stint_id=stint.stint_id,
        shift_id=stint.shift_id,
        volunteer_id=stint.volunteer_id,
        person_id=stint.person_id,
        reason=command.reason,
    )
    tx.say(fact, region=stint.region, version=stint.version)
    await tx.audit(AuditAction.HOURS_REJECTED, about=stint.person_id, thing=stint.stint_id, region=stint.region)
    return state_of(stint)


@volunteers.decides(ReverseHours)
async def reverse_hours(command: ReverseHours, tx: Transaction) -> LedgerEntry | Refusal:
    entry = await store.find_entry(tx, command.reverses)
    if entry is None:
        return Refusal("unknown-entry")
    await lock_people(tx, [entry.person_id])
    reversed_already = await store.is_reversed(tx, entry.entry_id)
    id_used = await store.find_entry(tx, command.entry_id) is not None

    refusal = decide(tx.actor, ReverseHours.contract.permission, entry.region)
    refusal = refusal or rules.may_reverse(entry, reversed_already, tx.actor.id)
    if refusal or id_used:
        return refusal or wrong("entry_id", "already_used")

    line = rules.reversal(entry, command.entry_id, tx.actor.id)
    await store.add_entries(tx, [line])
    await _revoke_what_counted(tx, entry)
    fact = HoursReversed(
        hours_id=line.entry_id,
        volunteer_id=entry.volunteer_id,
        person_id=entry.person_id,
        reverses=entry.entry_id,
        minutes=entry.minutes,
    )
    tx.say(fact, region=entry.region, version=1)
    await _log(tx, AuditAction.HOURS_REVERSED, entry, tx.cause)
    return line.line


async def _revoke_what_counted(tx: Transaction, entry: Entry) -> None:
    """Certificates that counted a line which was taken back are true no more."""
    for certificate_id, number, version in await revoke_certificates(tx, entry.entry_id):
        revoked = CertificateRevoked(
            certificate_id=certificate_id,
            certificate_no=number,
            volunteer_id=entry.volunteer_id,
            person_id=entry.person_id,
            reverses=entry.entry_id,
        )
        tx.say(revoked, region=entry.region, version=version)


@volunteers.answers(GetHours)
async def get_hours(query: GetHours, tx: Transaction) -> VolunteerHours | Refusal:
    volunteer = await find_volunteer(tx, query.volunteer_id)
    if volunteer is None:
        return Refusal("unknown-volunteer", volunteer_id=str(query.volunteer_id))
    denied = decide(tx.actor, GetHours.contract.permission, volunteer.region)
    if denied:
        return denied
    entries = await store.list_entries(tx, query.volunteer_id)
    return VolunteerHours(
        volunteer_id=query.volunteer_id,
        minutes=sum(entry.minutes for entry in entries),
        by_grade=rules.by_grade((entry.grade, entry.minutes) for entry in entries),
        entries=tuple(entry.line for entry in entries),
    )


@volunteers.answers(SumMinutes)
async def sum_minutes(query: SumMinutes, tx: Transaction) -> MinutesTotal:
    by_grade = rules.by_grade(await store.sum_region(tx, query.region, query.since, query.until))
    return MinutesTotal(
        minutes=sum(each.minutes for each in by_grade),
        volunteers=await store.count_helpers(tx, query.region, query.since, query.until),
        by_grade=by_grade,
    )


async def _log(tx: Transaction, action: AuditAction, entry: Entry, cause: Cause) -> None:
    await tx.audit(action, about=entry.person_id, thing=entry.entry_id, region=entry.region, cause=cause)


def _credited(entry: Entry) -> HoursCredited:
    return HoursCredited(
        hours_id=entry.entry_id,
        volunteer_id=entry.volunteer_id,
        person_id=entry.person_id,
        stint_id=entry.stint_id,
        service_date=entry.service_date,
        minutes=entry.minutes,
        grade=entry.grade,
        rule=entry.rule,
    )
