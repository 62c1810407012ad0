"""What activities does when somebody wants it certified that she came."""

from contracts.activities.v1 import AttendanceCertificateRequested, RequestAttendanceCertificate
from contracts.message import Done
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.counting.rules import RULE
from services.activities.reports import store
from services.chassis import Transaction
from services.chassis.access import decide


@activities.decides(RequestAttendanceCertificate)
async def request_attendance_certificate(command: RequestAttendanceCertificate, tx: Transaction) -> Done | Refusal:
    """The issuer hears the fact and issues (A40): it never asks, and activities issues nothing."""
    denied = decide(tx.actor, command.contract.permission, command.region)
    if denied:
        return denied
    if command.until < command.since:
        return Refusal("period-reversed")
    id = command.attendance_certificate_id
    if await store.is_requested(tx, id):
        return Refusal("certificate-requested", attendance_certificate_id=str(id))
    sessions = await store.count_attended(tx, command)
    if sessions == 0:
        return Refusal("no-attendance")
    await store.add_request(tx, command, sessions)
    requested = AttendanceCertificateRequested(**command.model_dump(exclude={"region"}), sessions=sessions, rule=RULE)
    tx.say(requested, region=command.region, version=1)
    return Done()
