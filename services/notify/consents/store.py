"""All SQL about consents to be written to."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.chassis import Transaction
from services.notify.notices.store import Ended

# The last word counts, in whatever order it is heard.
REMEMBER = """
INSERT INTO contact_refused AS known (person_id, channel, refused, epoch, version)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::bigint[], $5::int[])
ON CONFLICT (person_id, channel) DO UPDATE
SET refused = EXCLUDED.refused, epoch = EXCLUDED.epoch, version = EXCLUDED.version
WHERE (known.epoch, known.version) < (EXCLUDED.epoch, EXCLUDED.version)
"""
# What is claimed may be on its way this moment: its sender sees the refusal and ends it itself.
CANCEL_REFUSED = """
UPDATE notice SET status = 'cancelled', version = notice.version + 1
FROM contact_refused AS known
WHERE known.person_id = ANY ($1::uuid[]) AND known.refused
  AND recipient = known.person_id AND notice.channel = known.channel
  AND status = 'planned' AND (claimed_until IS NULL OR claimed_until <= $2)
RETURNING notice_id, notice.channel, template, cause_id, region, notice.version
"""


async def remember(tx: Transaction, words: Sequence[tuple[UUID, str, bool, int, int]]) -> None:
    """Person, channel, whether she refuses it, epoch and version of that word; one word a person and channel."""
    await tx.execute(REMEMBER, *map(list, zip(*words, strict=True)))


async def cancel_refused(tx: Transaction, people: Collection[UUID]) -> list[Ended]:
    """Cancels what is pending to those of the people who refuse its channel."""
    return [Ended(**dict(row)) for row in await tx.fetch(CANCEL_REFUSED, list(people), tx.now)]
