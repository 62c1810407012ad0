"""What other services say in these tests: a session, families, a volunteer."""

from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    EnrolmentConfirmed,
    EnrolmentQueued,
    EnrolmentWithdrawn,
    OfferEnded,
    SeatsOffered,
    SessionCancelled,
    SessionClosed,
    SessionMoved,
    SessionScheduled,
)
from contracts.message import Event
from contracts.volunteers.v1 import CertificateIssued, Grade, HoursCredited, ShiftOpened, ShiftTaken
from tests.under_test import ServiceUnderTest

FRIDAY_HALF_PAST_FOUR = datetime(2026, 6, 5, 8, 30, tzinfo=UTC)
SIX = datetime(2026, 6, 5, 10, 0, tzinfo=UTC)
"""Session times; the clock of a test begins on Wednesday 3 June 2026, 09:00 in Shanghai."""


class ClassOf20:
    """蓝色成长课堂 at a children's home, and what activities says of it, each fact at its next version."""

    def __init__(self, notify: ServiceUnderTest, starts_at: datetime = FRIDAY_HALF_PAST_FOUR) -> None:
        self.notify = notify
        self.id = uuid4()
        self.starts_at = starts_at
        self.ends_at = starts_at + (SIX - FRIDAY_HALF_PAST_FOUR)
        self._versions = count(1)

    async def scheduled(self) -> "ClassOf20":
        event = SessionScheduled(
            session_id=self.id,
            programme_id=uuid4(),
            unit_id=uuid4(),
            site_id=uuid4(),
            room_id=uuid4(),
            title="蓝色成长课堂",
            place="东湖社区儿童之家",
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            capacity=20,
        )
        await self.notify.hear(event, version=next(self._versions))
        return self

    async def cancelled(self, id: UUID | None = None) -> None:
        event = SessionCancelled(
            session_id=self.id, unit_id=uuid4(), title="蓝色成长课堂", starts_at=self.starts_at, reason="台风"
        )
        await self.notify.hear(event, version=next(self._versions), id=id)

    async def moved(self, starts_at: datetime) -> None:
        event = SessionMoved(
            session_id=self.id,
            unit_id=uuid4(),
            site_id=uuid4(),
            room_id=uuid4(),
            title="蓝色成长课堂",
            place="东湖社区儿童之家二楼",
            starts_at=starts_at,
            ends_at=starts_at + (self.ends_at - self.starts_at),
            capacity=20,
            started_at=self.starts_at,
            from_site_id=uuid4(),
            from_room_id=uuid4(),
        )
        await self.notify.hear(event, version=next(self._versions))

    async def closed(self) -> None:
        event = SessionClosed(
            session_id=self.id, unit_id=uuid4(), person_times=18, persons=18, held=True, rule="attendance-count-1"
        )
        await self.notify.hear(event, version=next(self._versions))


class Family:
    """One contact and one enrolment, and what activities says of it."""

    def __init__(self, course: ClassOf20, contact: UUID | None = None, region: str = "350503001001") -> None:
        self.notify = course.notify
        self.session_id = course.id
        self.contact = contact or uuid4()
        self.enrolment = uuid4()
        self.region = region
        self._versions = count(1)

    async def hears(self, event: Event, id: UUID | None = None) -> "Family":
        await self.notify.hear(event, region=self.region, version=next(self._versions), id=id)
        return self

    def confirmation(self) -> EnrolmentConfirmed:
        return EnrolmentConfirmed(
            enrolment_id=self.enrolment,
            session_id=self.session_id,
            contact_id=self.contact,
            people=(uuid4(), uuid4()),
            seats=2,
            seats_left=18,
        )

    async def confirmed(self, id: UUID | None = None) -> "Family":
        return await self.hears(self.confirmation(), id)

    async def queued(self) -> "Family":
        return await self.hears(
            EnrolmentQueued(
                enrolment_id=self.enrolment,
                session_id=self.session_id,
                contact_id=self.contact,
                people=(uuid4(),),
                seats=1,
                position=3,
            )
        )

    async def offered(self, answer_by: datetime) -> "Family":
        return await self.hears(
            SeatsOffered(
                enrolment_id=self.enrolment,
                session_id=self.session_id,
                contact_id=self.contact,
                seats=1,
                answer_by=answer_by,
            )
        )

    async def offer_ended(self) -> "Family":
        return await self.hears(
            OfferEnded(enrolment_id=self.enrolment, session_id=self.session_id, contact_id=self.contact, how="declined")
        )

    async def withdrawn(self) -> "Family":
        return await self.hears(
            EnrolmentWithdrawn(
                enrolment_id=self.enrolment, session_id=self.session_id, contact_id=self.contact, seats=2
            )
        )


def shift_opened(shift_id: UUID) -> ShiftOpened:
    return ShiftOpened(
        shift_id=shift_id, team_id=uuid4(), title="课堂助教", starts_at=FRIDAY_HALF_PAST_FOUR, ends_at=SIX, needed=2
    )


def shift_taken(person: UUID, shift_id: UUID) -> ShiftTaken:
    return ShiftTaken(assignment_id=uuid4(), shift_id=shift_id, volunteer_id=uuid4(), person_id=person)


def hours_credited(person: UUID) -> HoursCredited:
    return HoursCredited(
        hours_id=uuid4(),
        volunteer_id=uuid4(),
        person_id=person,
        stint_id=uuid4(),
        service_date=date(2026, 6, 5),
        minutes=95,
        grade=Grade.WITNESSED,
        rule="hours-1",
    )


def certificate_issued(person: UUID) -> CertificateIssued:
    return CertificateIssued(
        certificate_id=uuid4(),
        certificate_no="LL-2026-000001",
        volunteer_id=uuid4(),
        person_id=person,
        unit_id=uuid4(),
        minutes=95,
    )
