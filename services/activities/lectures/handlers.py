"""What activities does when a session becomes a lecture, or somebody asks what it is about (A31)."""

from contracts.activities.v1 import GetLecture, LectureSet, LectureState, SessionStatus, SetLecture
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.lectures import store
from services.activities.sessions.scope import lock_permitted
from services.activities.sessions.store import find_session
from services.activities.store import find_people
from services.chassis import Transaction


@activities.decides(SetLecture)
async def set_lecture(command: SetLecture, tx: Transaction) -> LectureState | Refusal:
    session = await lock_permitted(tx, command)
    if isinstance(session, Refusal):
        return session
    if session.status is SessionStatus.CANCELLED:
        return Refusal("session-cancelled")
    if command.speaker_id is None and command.speaker_unit_id is None:
        return Refusal("speaker-missing")
    if command.speaker_id is not None and command.speaker_id not in await find_people(tx, [command.speaker_id]):
        return Refusal("unknown-person", person_id=str(command.speaker_id))

    version = await store.set_lecture(tx, command, session.region)
    fact = LectureSet(
        lecture_id=session.session_id,
        session_id=session.session_id,
        unit_id=session.unit_id,
        topic=command.topic,
        speaker_id=command.speaker_id,
        speaker_unit_id=command.speaker_unit_id,
        materials=len(command.materials),
    )
    tx.say(fact, region=session.region, version=version)
    return LectureState(**dict(command), version=version)


@activities.answers(GetLecture)
async def get_lecture(query: GetLecture, tx: Transaction) -> LectureState | Refusal:
    if await find_session(tx, query.session_id) is None:
        return Refusal("unknown-session", session_id=str(query.session_id))
    return await store.find_lecture(tx, query.session_id) or Refusal("no-lecture")
