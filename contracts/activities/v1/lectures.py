"""Lectures: who speaks about what, and the material handed out (A31); what those who came thought is feedback."""

from uuid import UUID

from pydantic import Field

from ...data import PersonId, SessionId, Slug, Title, UnitId
from ...message import Command, Event, Part, Query
from .. import refusals as refusals

__all__ = [
    "GetLecture",
    "LectureSet",
    "LectureState",
    "Material",
    "SetLecture",
]


class Material(Part):
    """A hand-out by its reference where it is kept."""

    title: Title
    reference: Slug


class LectureState(Part):
    """`speaker_id` is somebody registered, `speaker_unit_id` the house that sends a speaker; names are asked there."""

    session_id: SessionId
    topic: Title
    speaker_id: PersonId | None
    speaker_unit_id: UnitId | None
    materials: tuple[Material, ...]
    version: int


class SetLecture(
    Command[LectureState],
    name="set-lecture",
    permission="activities.plan",
    http="POST /v1/sessions/{session_id}/lecture",
    refusals=("unknown-session", "session-cancelled", "unknown-person", "speaker-missing"),
):
    """Makes a session a lecture: topic, speaker and material; what is said last holds, also after the session (A31)."""

    session_id: SessionId
    topic: Title
    speaker_id: PersonId | None = None
    speaker_unit_id: UnitId | None = None
    materials: tuple[Material, ...] = Field((), max_length=20)


class LectureSet(Event, fact="lecture.set"):
    lecture_id: UUID
    session_id: SessionId
    unit_id: UnitId
    topic: Title
    speaker_id: PersonId | None = None
    speaker_unit_id: UnitId | None = None
    materials: int


class GetLecture(
    Query[LectureState],
    name="get-lecture",
    permission="public",
    http="GET /v1/sessions/{session_id}/lecture",
    refusals=("unknown-session", "no-lecture"),
):
    """What a session is a lecture about, by whom, with which material."""

    session_id: SessionId
