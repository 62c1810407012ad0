"""What registry does when a privacy notice is published, and when the time to consent again is over."""

from collections.abc import Sequence
from typing import Final

from uuid_utils.compat import uuid7

from contracts.refusals import Refusal
from contracts.registry.v1 import GetPrivacyNotice, PrivacyNotice, PrivacyNoticePublished, PublishPrivacyNotice
from services.chassis import Due, Transaction
from services.chassis.access import decide
from services.registry import registry
from services.registry.consents import rules
from services.registry.consents.ending import end
from services.registry.consents.store import find_standing, lock_subjects, page_of_standing
from services.registry.privacy_notices import store
from services.registry.privacy_notices.rules import Sweep, published

OUTDATES: Final = "privacy-notice-outdates"
PAGE: Final = 500


@registry.decides(PublishPrivacyNotice)
async def publish_privacy_notice(command: PublishPrivacyNotice, tx: Transaction) -> PrivacyNotice | Refusal:
    denied = decide(tx.actor, command.contract.permission, command.region)
    if denied:
        return denied
    notice = published(command, tx.now)
    sweep_id = uuid7()
    if not await store.add_notice(tx, notice, sweep_id):
        return Refusal("privacy-notice-exists")

    tx.set_timer(OUTDATES, sweep_id, notice.renew_until)
    fact = PrivacyNoticePublished(
        privacy_notice_id=notice.privacy_notice_id,
        purpose=notice.purpose,
        notice_version=notice.notice_version,
        renew_until=notice.renew_until,
    )
    tx.say(fact, region=notice.region, version=1)
    return notice


@registry.when_due(OUTDATES)
async def end_outdated(due: Sequence[Due], tx: Transaction) -> None:
    """Ends what was not renewed under the new notice, a page a firing; the next page has a timer of its own."""
    for sweep in await store.lock_sweeps(tx, [each.key for each in due]):
        await _end_page(sweep, tx)


async def _end_page(sweep: Sweep, tx: Transaction) -> None:
    page = await page_of_standing(tx, sweep, PAGE)
    outdated = [row for row in page if row["outdated"]]
    if outdated:
        subjects = await lock_subjects(tx, {row["person_id"] for row in outdated})
        standing = await find_standing(tx, [row["consent_id"] for row in outdated])
        cause = tx.because_of(sweep.sweep_id)
        await end(tx, standing, subjects, rules.OUTDATED, {each.consent_id: cause for each in standing})
    if len(page) == PAGE:
        next_id = uuid7()
        await store.set_swept(tx, sweep, next_id, page[-1]["person_id"])
        tx.set_timer(OUTDATES, next_id, tx.now, tx.because_of(sweep.sweep_id))


@registry.answers(GetPrivacyNotice)
async def get_privacy_notice(query: GetPrivacyNotice, tx: Transaction) -> PrivacyNotice | Refusal:
    notice = await store.find_in_force(tx, query.purpose, query.region)
    return notice or Refusal("unknown-privacy-notice")
