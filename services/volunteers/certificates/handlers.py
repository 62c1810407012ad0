"""What volunteers does when a certificate is asked for or checked."""

from contracts.refusals import Refusal
from contracts.volunteers.v1 import (
    CertificateIssued,
    CertificateState,
    IssueCertificate,
    Verification,
    VerifyCertificate,
)
from services.chassis import Transaction
from services.chassis.access import decide
from services.chassis.clock import day_of
from services.volunteers import numbers, volunteers
from services.volunteers.certificates import rules, store
from services.volunteers.certificates.attendance import find_attendance_certificate
from services.volunteers.roster.rules import Volunteer
from services.volunteers.roster.store import find_volunteer, lock_people


@volunteers.decides(IssueCertificate)
async def issue_certificate(command: IssueCertificate, tx: Transaction) -> CertificateState | Refusal:
    volunteer = await find_volunteer(tx, command.volunteer_id)
    if volunteer is None:
        return Refusal("unknown-volunteer", volunteer_id=str(command.volunteer_id))
    await lock_people(tx, [volunteer.person_id])
    known = await store.is_certificate(tx, command.certificate_id)
    pending = await store.count_pending(tx, command)
    shares = await store.list_shares(tx, command)

    refusal = decide(tx.actor, IssueCertificate.contract.permission, volunteer.region)
    refusal = refusal or rules.may_issue(command, volunteer, known, pending, shares, tx.actor.id)
    if refusal:
        return refusal

    number = numbers.certificate_number(day_of(tx.now).year, numbers.draw(numbers.CERTIFICATE_DRAW))
    code = numbers.draw(numbers.CHECK_CODE_DRAW)
    state = rules.certify(command, volunteer, shares, await store.list_contents(tx, command), number, code, tx.now)
    await store.add_certificate(tx, command, state, version=1)
    tx.say(_issued(command, state, volunteer), region=volunteer.region, version=1)
    return state


@volunteers.answers(VerifyCertificate)
async def verify_certificate(query: VerifyCertificate, tx: Transaction) -> Verification | Refusal:
    async with tx.everywhere():  # whoever has its number and check code may check it
        attendance = await find_attendance_certificate(tx, None, query.certificate_no)
        if attendance is not None:
            return rules.verify_attendance(attendance, query.check_code)
        return rules.verify(await store.find_certificate(tx, query.certificate_no), query.check_code)


def _issued(command: IssueCertificate, state: CertificateState, volunteer: Volunteer) -> CertificateIssued:
    return CertificateIssued(
        certificate_id=command.certificate_id,
        certificate_no=state.certificate_no,
        volunteer_id=volunteer.volunteer_id,
        person_id=volunteer.person_id,
        unit_id=volunteer.unit_id,
        minutes=state.minutes,
    )
