"""Inboxes: pages, what is new, who may look."""

from uuid import uuid4

from contracts.message import Done
from contracts.notify.v1 import GetInbox, Inbox, MarkSeen
from contracts.refusals import Refusal
from services.notify.delivery.worker import deliver_due
from tests.notify.conftest import counts, inbox_of, until_quiet
from tests.notify.story import ClassOf20, Family, hours_credited
from tests.under_test import ServiceUnderTest


async def deliver(notify: ServiceUnderTest) -> None:
    await until_quiet(lambda: deliver_due(notify.running))


async def test_pages_of_an_inbox_follow_each_other_newest_first(notify: ServiceUnderTest) -> None:
    person = uuid4()
    for _ in range(7):
        await notify.hear(hours_credited(person))
        notify.clock.move(seconds=1)
    await deliver(notify)  # all in one moment: the page ends by the id

    whole = [entry.notice_id for entry in await inbox_of(notify, person)]
    pages, before = [], None
    while True:
        page = await notify.query(GetInbox(person_id=person, before=before, limit=3))
        assert isinstance(page, Inbox)
        assert page.unseen == 7
        if not page.entries:
            break
        pages += [entry.notice_id for entry in page.entries]
        before = pages[-1]
    assert pages == whole
    assert len(set(pages)) == 7


async def test_what_is_seen_is_no_longer_new(notify: ServiceUnderTest) -> None:
    person = uuid4()
    await notify.hear(hours_credited(person))
    await deliver(notify)
    [entry] = await inbox_of(notify, person)
    assert not entry.seen

    for _ in range(2):
        assert await notify.ask(MarkSeen(person_id=person, notice_id=entry.notice_id)) == Done()

    assert [entry.seen for entry in await inbox_of(notify, person)] == [True]
    assert (await counts(notify))["inbox", "seen"] == 1


async def test_what_was_seen_is_still_overtaken_by_a_cancellation(notify: ServiceUnderTest) -> None:
    course = await ClassOf20(notify).scheduled()
    family = await Family(course).confirmed()
    await deliver(notify)
    [entry] = await inbox_of(notify, family.contact)
    await notify.ask(MarkSeen(person_id=family.contact, notice_id=entry.notice_id))
    await course.cancelled()
    await deliver(notify)

    assert await notify.ask(MarkSeen(person_id=family.contact, notice_id=entry.notice_id)) == Done()
    assert (await counts(notify))["inbox", "superseded"] == 1
    assert [entry.seen for entry in await inbox_of(notify, family.contact)] == [False, True]


async def test_another_persons_or_an_undelivered_message_is_unknown(notify: ServiceUnderTest) -> None:
    person = uuid4()
    await notify.hear(hours_credited(person))
    await deliver(notify)
    [entry] = await inbox_of(notify, person)
    unsent = await notify.admin.fetchval("SELECT notice_id FROM notice WHERE channel = 'email'")

    for person_id, notice_id in ((uuid4(), entry.notice_id), (person, uuid4()), (person, unsent)):
        assert await notify.ask(MarkSeen(person_id=person_id, notice_id=notice_id)) == Refusal("unknown-notice")


async def test_messages_of_another_region_stay_hidden(notify: ServiceUnderTest) -> None:
    person = uuid4()
    await notify.hear(hours_credited(person))
    await notify.hear(hours_credited(person), region="350502001001")
    await deliver(notify)
    here, there = await inbox_of(notify, person)

    seen = [
        await inbox_of(notify, person, region=region) for region in ("350503000000", "350502000000", "360000000000")
    ]
    assert [len(entries) for entries in seen] == [1, 1, 0]
    assert seen[0] != seen[1]
    other = here if here.notice_id == seen[1][0].notice_id else there
    refusal = await notify.ask(MarkSeen(person_id=person, notice_id=other.notice_id), region="350503000000")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "unknown-notice"
    assert await notify.query(GetInbox(person_id=person), roles=("reader",)) == Refusal(
        "not-permitted", permission="notify.inbox.read", region="000000000000", functions="editor"
    )


async def test_notices_are_counted_in_the_asked_subtree_alone(notify: ServiceUnderTest) -> None:
    await notify.hear(hours_credited(uuid4()))
    await notify.hear(hours_credited(uuid4()), region="350502001001")
    await deliver(notify)

    assert (await counts(notify, "350500000000"))["inbox", "sent"] == 2
    assert (await counts(notify, "350502000000"))["inbox", "sent"] == 1
    assert await counts(notify, "350503001002") == {}
