"""All SQL about privacy notices. Published ones stay as they are."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from contracts.registry.v1 import ConsentPurpose, PrivacyNotice
from services.chassis import Transaction
from services.registry.privacy_notices.rules import Sweep

COLUMNS = """
privacy_notice_id, purpose, notice_version, region, title, text, retention_months, published_at, renew_until
"""
FIND_IN_FORCE = f"""
SELECT {COLUMNS} FROM privacy_notice WHERE purpose = $1 AND region = ANY (regions_above($2))
ORDER BY published_at DESC LIMIT 1
"""
ADD_NOTICE = f"""
INSERT INTO privacy_notice ({COLUMNS}, sweep_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING
"""
LOCK_SWEEPS = """
SELECT privacy_notice_id, purpose, notice_version, region, published_at, sweep_id, swept_until FROM privacy_notice
WHERE sweep_id = ANY ($1::uuid[]) ORDER BY privacy_notice_id FOR UPDATE
"""
SET_SWEPT = "UPDATE privacy_notice SET sweep_id = $2, swept_until = $3 WHERE privacy_notice_id = $1"


async def find_in_force(tx: Transaction, purpose: ConsentPurpose, region: str) -> PrivacyNotice | None:
    """The newest notice of a purpose whose region covers this one."""
    row = await tx.find(FIND_IN_FORCE, purpose, region)
    return notice_of(row) if row else None


async def add_notice(tx: Transaction, notice: PrivacyNotice, sweep_id: UUID) -> bool:
    """False when the id, or the version in that region, is taken."""
    return bool(await tx.execute(ADD_NOTICE, *notice.model_dump().values(), sweep_id))


async def lock_sweeps(tx: Transaction, ids: Collection[UUID]) -> list[Sweep]:
    return [Sweep(**dict(row)) for row in await tx.fetch(LOCK_SWEEPS, list(ids))]


async def set_swept(tx: Transaction, sweep: Sweep, next_id: UUID, until: UUID) -> None:
    await tx.execute(SET_SWEPT, sweep.privacy_notice_id, next_id, until)


def notice_of(row: Record) -> PrivacyNotice:
    return PrivacyNotice(**dict(row))
