"""Certificates of the record of service: true when issued, checkable by anybody, never guessable."""

import asyncio
import re
from collections import Counter
from datetime import date
from uuid import uuid4

import asyncpg
import pytest

from contracts.refusals import Refusal
from contracts.volunteers.v1 import (
    CertificateIssued,
    CertificateRevoked,
    CertificateState,
    Grade,
    HoursByGrade,
    IssueCertificate,
    LedgerEntry,
    RejectionReason,
    RejectStint,
    ReverseHours,
    ShiftState,
    StintStatus,
    TeamState,
    Verification,
    VerifyCertificate,
    VolunteerState,
)
from tests.under_test import ServiceUnderTest
from tests.volunteers.afternoon import (
    ELSEWHERE,
    OFFICER,
    TODAY,
    approve,
    assert_versions_are_whole,
    assigned,
    code,
    credited,
    done,
    form_team,
    join,
    meet,
    open_connections,
    served,
)

JUNE = (date(2026, 6, 1), date(2026, 6, 30))


def issue(volunteer: VolunteerState, since: date = JUNE[0], until: date = JUNE[1]) -> IssueCertificate:
    return IssueCertificate(certificate_id=uuid4(), volunteer_id=volunteer.volunteer_id, since=since, until=until)


def verify(certificate: CertificateState, check_code: str | None = None) -> VerifyCertificate:
    return VerifyCertificate(certificate_no=certificate.certificate_no, check_code=check_code or certificate.check_code)


async def is_valid(service: ServiceUnderTest, certificate: CertificateState) -> bool:
    answer = await service.query(verify(certificate), roles=["anonymous"])
    assert isinstance(answer, Verification)
    return answer.valid


@pytest.fixture
async def two_hours(volunteers: ServiceUnderTest, helper: VolunteerState, afternoon: ShiftState) -> LedgerEntry:
    return await credited(volunteers, await served(volunteers, afternoon, helper))


async def test_a_certificate_states_minutes_services_period_and_the_unit_that_recorded_them(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    evening = await assigned(volunteers, team, helper, "18:00", "19:00")
    await credited(volunteers, await served(volunteers, evening, helper, "18:00", "18:30"))

    certificate = done(await volunteers.ask(issue(helper), actor=OFFICER))

    assert (certificate.minutes, certificate.services) == (150, 2)
    assert certificate.by_grade == (HoursByGrade(grade=Grade.DEVICE_VERIFIED, minutes=150),)
    assert (certificate.since, certificate.until, certificate.unit_id) == (*JUNE, team.unit_id)
    assert (certificate.volunteer_no, certificate.issued_at) == (helper.volunteer_no, volunteers.clock.at)
    assert re.fullmatch(r"LZ-2026-[0-9A-Y]{10}", certificate.certificate_no)
    assert re.fullmatch(r"[0-9A-Y]{8}", certificate.check_code)
    [said] = await volunteers.said(CertificateIssued)
    assert (said.certificate_no, said.minutes, said.person_id) == (certificate.certificate_no, 150, helper.person_id)
    await assert_versions_are_whole(volunteers)


async def test_anybody_checks_a_certificate_with_its_code_and_learns_no_name(
    volunteers: ServiceUnderTest, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    certificate = done(await volunteers.ask(issue(helper), actor=OFFICER))

    shown = await volunteers.query(verify(certificate), roles=["anonymous"])

    assert shown == Verification(
        valid=True,
        minutes=120,
        since=JUNE[0],
        until=JUNE[1],
        unit_id=certificate.unit_id,
        issued_at=certificate.issued_at,
    )


async def test_a_wrong_code_and_an_unknown_number_are_refused_alike(
    volunteers: ServiceUnderTest, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    certificate = done(await volunteers.ask(issue(helper), actor=OFFICER))
    other_code = "".join(sorted(certificate.check_code, reverse=True)).translate(str.maketrans("0123", "4567"))
    unknown = certificate.model_copy(update={"certificate_no": "LZ-2026-0000000000"})

    assert other_code != certificate.check_code
    assert await volunteers.query(verify(certificate, other_code)) == Refusal("unknown-certificate")
    assert await volunteers.query(verify(unknown)) == Refusal("unknown-certificate")


async def test_a_certificate_waits_until_every_stint_of_the_period_is_approved(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    pending = await served(
        volunteers, await assigned(volunteers, team, helper, "18:00", "19:00"), helper, "18:00", "19:00"
    )

    assert await volunteers.ask(issue(helper), actor=OFFICER) == Refusal("stints-pending", count=1)
    await credited(volunteers, pending)

    assert done(await volunteers.ask(issue(helper), actor=OFFICER)).minutes == 180


async def test_a_stint_that_is_rejected_holds_up_no_certificate(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    evening = await assigned(volunteers, team, helper, "18:00", "19:00")
    stint = await served(volunteers, evening, helper, "18:00", "19:00")
    rejection = RejectStint(stint_id=stint.stint_id, reason=RejectionReason.TIMES_WRONG)

    assert done(await volunteers.ask(rejection, actor=OFFICER)).status is StintStatus.REJECTED

    assert done(await volunteers.ask(issue(helper), actor=OFFICER)).minutes == 120


async def test_a_certificate_counts_its_own_team_and_period_alone(
    volunteers: ServiceUnderTest, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    other = await form_team(volunteers)
    same_person = await join(volunteers, other, helper.person_id)
    july = issue(helper, date(2026, 7, 1), date(2026, 7, 31))

    assert code(await volunteers.ask(issue(same_person), actor=OFFICER)) == "no-hours"
    assert code(await volunteers.ask(july, actor=OFFICER)) == "no-hours"
    assert code(await volunteers.ask(issue(helper, until=date(2026, 5, 1)), actor=OFFICER)) == "no-hours"
    assert done(await volunteers.ask(issue(helper, TODAY, TODAY), actor=OFFICER)).minutes == 120


async def test_reversed_minutes_are_certified_no_more(
    volunteers: ServiceUnderTest, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    before = done(await volunteers.ask(issue(helper), actor=OFFICER))
    assert await is_valid(volunteers, before)

    done(await volunteers.ask(ReverseHours(entry_id=uuid4(), reverses=two_hours.entry_id), actor=OFFICER))

    assert not await is_valid(volunteers, before)
    assert code(await volunteers.ask(issue(helper), actor=OFFICER)) == "no-hours"
    [revoked] = await volunteers.said(CertificateRevoked)
    assert (revoked.certificate_no, revoked.reverses) == (before.certificate_no, two_hours.entry_id)
    await assert_versions_are_whole(volunteers)


async def test_a_certificate_outlives_the_reversal_of_minutes_that_it_never_counted(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    certificate = done(await volunteers.ask(issue(helper), actor=OFFICER))
    volunteers.clock.move(seconds=1)
    later = await served(
        volunteers, await assigned(volunteers, team, helper, "18:00", "19:00"), helper, "18:00", "19:00"
    )
    entry = await credited(volunteers, later)

    done(await volunteers.ask(ReverseHours(entry_id=uuid4(), reverses=entry.entry_id), actor=OFFICER))

    assert await is_valid(volunteers, certificate)


async def test_rivals_with_one_id_issue_one_certificate(
    volunteers: ServiceUnderTest, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    command = issue(helper)

    answers = await meet(volunteers, [command] * 8, actor=OFFICER)

    assert Counter(map(code, answers)) == {"done": 1, "certificate-exists": 7}
    assert len(await volunteers.said(CertificateIssued)) == 1


async def test_issuing_and_approving_at_once_never_leaves_minutes_out(
    volunteers: ServiceUnderTest, team: TeamState, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    evening = await assigned(volunteers, team, helper, "18:00", "19:00")
    stint = await served(volunteers, evening, helper, "18:00", "19:00")

    await open_connections(volunteers)
    answers, approved = await asyncio.gather(
        volunteers.ask_at_once((issue(helper) for _ in range(7)), actor=OFFICER),
        volunteers.ask(approve(stint), actor=OFFICER),
    )

    assert code(approved) == "done"
    assert {code(answer) for answer in answers} <= {"done", "stints-pending"}
    assert {answer.minutes for answer in answers if isinstance(answer, CertificateState)} <= {180}
    assert done(await volunteers.ask(issue(helper), actor=OFFICER)).minutes == 180


async def test_nobody_issues_her_own_certificate_and_not_every_role_or_region_may(
    volunteers: ServiceUnderTest, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    assert await volunteers.ask(issue(helper), actor=str(helper.person_id)) == Refusal("same-person")
    assert code(await volunteers.ask(issue(helper), actor=OFFICER, roles=["editor"])) == "not-permitted"
    assert code(await volunteers.ask(issue(helper), actor=OFFICER, region=ELSEWHERE)) == "unknown-volunteer"
    unknown = issue(helper).model_copy(update={"volunteer_id": uuid4()})
    assert code(await volunteers.ask(unknown, actor=OFFICER)) == "unknown-volunteer"
    assert await volunteers.count("certificate") == 0


async def test_the_service_itself_cannot_change_what_a_certificate_states(
    volunteers: ServiceUnderTest, helper: VolunteerState, two_hours: LedgerEntry
) -> None:
    done(await volunteers.ask(issue(helper), actor=OFFICER))

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await volunteers.pool.execute("UPDATE certificate SET minutes = minutes + 60")
