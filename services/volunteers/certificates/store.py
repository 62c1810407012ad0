"""All SQL about certificates."""

from uuid import UUID

from pydantic_core import to_json

from contracts.volunteers.v1 import CertificateState, Grade, IssueCertificate
from services.chassis import Transaction
from services.volunteers.certificates.rules import Certificate, Share

IS_CERTIFICATE = "SELECT EXISTS (SELECT FROM certificate WHERE certificate_id = $1)"
COUNT_PENDING = """
SELECT count(*) FROM stint
WHERE volunteer_id = $1 AND service_date BETWEEN $2 AND $3 AND status IN ('closed', 'auto_closed')
"""
LIST_SHARES = """
SELECT grade, sum(minutes)::int AS minutes, count(*)::int AS services FROM hours_entry AS credit
WHERE volunteer_id = $1 AND service_date BETWEEN $2 AND $3 AND minutes > 0
  AND NOT EXISTS (SELECT FROM hours_entry AS taken_back WHERE taken_back.reverses = credit.entry_id)
GROUP BY grade
"""
LIST_CONTENTS = """
SELECT DISTINCT shift.title FROM hours_entry AS credit JOIN stint USING (stint_id) JOIN shift USING (shift_id)
WHERE credit.volunteer_id = $1 AND credit.service_date BETWEEN $2 AND $3 AND credit.minutes > 0
  AND NOT EXISTS (SELECT FROM hours_entry AS taken_back WHERE taken_back.reverses = credit.entry_id)
ORDER BY shift.title
"""
ADD_CERTIFICATE = """
INSERT INTO certificate (certificate_id, certificate_no, check_code, volunteer_id, unit_id, since, until, minutes,
    by_grade, services, contents, issued_by, issued_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""
FIND_CERTIFICATE = """
SELECT check_code, minutes, since, until, unit_id, issued_at, revoked_at FROM certificate WHERE certificate_no = $1
"""
REVOKE_CERTIFICATES = """
UPDATE certificate SET revoked_at = $2, version = certificate.version + 1 FROM hours_entry AS credit
WHERE credit.entry_id = $1 AND credit.minutes > 0 AND certificate.volunteer_id = credit.volunteer_id
  AND credit.service_date BETWEEN since AND until AND issued_at >= credit.decided_at AND revoked_at IS NULL
RETURNING certificate_id, certificate_no, version
"""


async def is_certificate(tx: Transaction, certificate_id: UUID) -> bool:
    return bool(await tx.value(IS_CERTIFICATE, certificate_id))


async def count_pending(tx: Transaction, asked: IssueCertificate) -> int:
    """Stints of the period that are closed and wait for approval."""
    return int(await tx.value(COUNT_PENDING, asked.volunteer_id, asked.since, asked.until))


async def list_shares(tx: Transaction, asked: IssueCertificate) -> list[Share]:
    """Credited minutes of the period by grade, without those that were reversed."""
    rows = await tx.fetch(LIST_SHARES, asked.volunteer_id, asked.since, asked.until)
    return [Share(Grade(row["grade"]), row["minutes"], row["services"]) for row in rows]


async def list_contents(tx: Transaction, asked: IssueCertificate) -> list[str]:
    """What the credited service of the period was: the titles of its shifts."""
    return [row["title"] for row in await tx.fetch(LIST_CONTENTS, asked.volunteer_id, asked.since, asked.until)]


async def add_certificate(tx: Transaction, asked: IssueCertificate, state: CertificateState, version: int) -> None:
    await tx.execute(
        ADD_CERTIFICATE,
        *(asked.certificate_id, state.certificate_no, state.check_code, asked.volunteer_id, state.unit_id),
        *(state.since, state.until, state.minutes, to_json(state.by_grade).decode(), state.services),
        *(list(state.contents), tx.actor.id, state.issued_at, version),
    )


async def find_certificate(tx: Transaction, number: str) -> Certificate | None:
    row = await tx.find(FIND_CERTIFICATE, number)
    return Certificate(**dict(row)) if row else None


async def revoke_certificates(tx: Transaction, entry_id: UUID) -> list[tuple[UUID, str, int]]:
    """A credited line was taken back: certificates that counted it are true no more. Id, number, and new version."""
    return [tuple(row) for row in await tx.fetch(REVOKE_CERTIFICATES, entry_id, tx.now)]
