"""What those who came thought, told without saying who; and the report of a session (A31, A41)."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from contracts.activities.v1 import (
    AttendanceCertificateRequested,
    CancelSession,
    Cost,
    FeedbackQuestion,
    FeedbackReceived,
    FeedbackResults,
    GetFeedback,
    GetLecture,
    GetSessionReport,
    GiveFeedback,
    LectureSet,
    LectureState,
    Mark,
    Material,
    Photo,
    PhotoMark,
    RecordSessionReport,
    ReportRecorded,
    RequestAttendanceCertificate,
    SessionReport,
    SetLecture,
)
from contracts.message import Done
from contracts.refusals import Refusal
from contracts.registry.v1 import PersonErased
from tests.activities.test_periods import held
from tests.activities.world import COMMUNITY, Home, at, code, done
from tests.under_test import ServiceUnderTest


def answer(session: UUID, person: UUID, score: int = 5, **changes: Any) -> GiveFeedback:
    marks = (Mark(question=FeedbackQuestion.OVERALL, score=score),)
    values: dict[str, Any] = {"feedback_id": uuid4(), "session_id": session, "person_id": person, "marks": marks}
    return GiveFeedback(**(values | changes))


async def results(home: Home, session: UUID) -> FeedbackResults:
    return done(await home.service.query(GetFeedback(session_id=session)), FeedbackResults)


async def test_whoever_came_answers_once_and_nobody_sees_what(activities: ServiceUnderTest, home: Home) -> None:
    people = await home.people(7)
    session = await held(home, people[:6])
    given = answer(session, people[0])

    done(await activities.ask(given), Done)
    rivals = await activities.ask_at_once([answer(session, people[1], score=1) for _ in range(8)])

    assert sorted(str(getattr(each, "code", "done")) for each in rivals) == ["done"] + ["feedback-given"] * 7
    assert code(await activities.ask(answer(session, people[6]))) == "not-attended"
    assert code(await activities.ask(answer(session, people[2], feedback_id=given.feedback_id))) == "feedback-exists"
    twice = answer(session, people[2], marks=given.marks * 2)
    assert code(await activities.ask(twice)) == "question-twice"
    told = await results(home, session)
    assert (told.answered, told.attended, [each.scores for each in told.results]) == (2, 6, [None])
    said = await activities.said(FeedbackReceived)
    assert [set(type(each).model_fields) for each in said] == [{"feedback_id", "session_id"}] * 2


async def test_results_move_five_people_at_a_time(activities: ServiceUnderTest, home: Home) -> None:
    people = await home.people(8)
    session = await held(home, people)
    seen = []
    for number, person in enumerate(people):
        done(await activities.ask(answer(session, person, score=4 + number % 2)), Done)
        [result] = (await results(home, session)).results
        seen.append((result.scores, result.average_hundredths))

    assert seen == [(None, None)] * 4 + [((0, 0, 0, 3, 2), 440)] * 4


async def test_a_report_is_made_of_facts(activities: ServiceUnderTest, home: Home) -> None:
    session = await held(home, await home.people(6))
    recording = RecordSessionReport(
        report_id=uuid4(),
        session_id=session,
        costs=(Cost(item="手工材料", cents=20_050), Cost(item="讲师交通", cents=3_600)),
        photos=tuple(
            Photo(reference=f"photo-{mark}", mark=mark) for mark in PhotoMark if mark is not PhotoMark.UNKNOWN
        ),
    )
    done(await activities.ask(recording), Done)

    report = done(await activities.query(GetSessionReport(session_id=session)), SessionReport)

    assert (report.cents, report.figures.persons, report.withheld_photos) == (23_650, 6, 1)
    assert [photo.mark for photo in report.photos] == [PhotoMark.CONSENTED, PhotoMark.NO_FACE]
    assert report.draft == ("2026年6月3日，金山社区儿童之家开展“蓝色成长课堂第一讲”活动，6人参加。活动支出236.50元。")
    assert code(await activities.ask(recording)) == "report-exists"
    assert [(each.cents, each.photos) for each in await activities.said(ReportRecorded)] == [(23_650, 3)]
    home.move_to(at(17))
    running = await home.session(starts_at=at(18), ends_at=at(19))
    for asked in (GetFeedback(session_id=running), GetSessionReport(session_id=running)):
        assert await activities.query(asked) == Refusal("session-not-counted")
    assert code(await activities.query(GetSessionReport(session_id=session), region="350502000000")) == "not-permitted"


async def test_a_lecture_has_a_speaker_and_material_and_its_topic_stands_in_the_report(
    activities: ServiceUnderTest, home: Home
) -> None:
    session, speaker = await held(home, await home.people(6)), await home.person()
    lecture = SetLecture(session_id=session, topic="两癌筛查", speaker_id=speaker)
    assert code(await activities.query(GetLecture(session_id=session))) == "no-lecture"
    assert code(await activities.ask(lecture.model_copy(update={"speaker_id": None}))) == "speaker-missing"
    assert code(await activities.ask(lecture.model_copy(update={"speaker_id": uuid4()}))) == "unknown-person"
    assert code(await activities.ask(lecture.model_copy(update={"session_id": uuid4()}))) == "unknown-session"
    assert code(await activities.ask(lecture, region="350502000000")) == "not-permitted"
    off = await home.session(starts_at=at(18, day=9), ends_at=at(19, day=9))
    await activities.ask(CancelSession(session_id=off, reason="停电"))
    assert code(await activities.ask(lecture.model_copy(update={"session_id": off}))) == "session-cancelled"

    later = lecture.model_copy(update={"materials": (Material(title="讲义", reference="handout-7"),)})
    answers = await activities.ask_at_once([lecture] * 3)  # in any order, each says one step of its own
    told = done(await activities.ask(later), LectureState)

    assert sorted(done(each, LectureState).version for each in answers) == [1, 2, 3]
    assert await activities.query(GetLecture(session_id=session), roles=["anonymous"]) == told
    assert (told.version, told.materials[0].reference) == (4, "handout-7")
    assert [each.materials for each in await activities.said(LectureSet)] == [0, 0, 0, 1]
    report = done(await activities.query(GetSessionReport(session_id=session)), SessionReport)
    assert "活动，主题为“两癌筛查”，6人参加" in report.draft
    await activities.hear(PersonErased(person_id=speaker), version=2)
    forgotten = done(await activities.query(GetLecture(session_id=session)), LectureState)
    assert (forgotten.speaker_id, forgotten.topic) == (None, "两癌筛查")


async def test_the_issuer_is_asked_to_certify_what_was_counted(activities: ServiceUnderTest, home: Home) -> None:
    person, stranger = await home.people(2)
    await held(home, [person])
    await held(home, [person], day=4)
    await held(home, [stranger], day=5)
    asked = RequestAttendanceCertificate(
        attendance_certificate_id=uuid4(), person_id=person, unit_id=home.unit_id, region=COMMUNITY,
        since=date(2026, 6, 1), until=date(2026, 6, 4),
    )  # fmt: skip

    rivals = await activities.ask_at_once([asked] * 8, region=COMMUNITY)

    assert sum(isinstance(each, Done) for each in rivals) == 1
    assert {code(each) for each in rivals if isinstance(each, Refusal)} == {"certificate-requested"}
    [fact] = await activities.said(AttendanceCertificateRequested)
    assert (fact.person_id, fact.sessions, fact.rule) == (person, 2, "attendance-count-1")
    changed = {"attendance_certificate_id": uuid4()}
    early = asked.model_copy(update=changed | {"until": date(2026, 6, 2)})
    assert await activities.ask(early) == Refusal("no-attendance")
    backwards = asked.model_copy(update=changed | {"until": date(2026, 5, 2)})
    assert await activities.ask(backwards) == Refusal("period-reversed")
    assert code(await activities.ask(early, region="350502000000")) == "not-permitted"
