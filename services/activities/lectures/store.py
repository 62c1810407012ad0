"""All SQL about lectures."""

from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from contracts.activities.v1 import LectureState, Material, SetLecture
from services.chassis import Transaction

FIND_LECTURE = """
SELECT session_id, topic, speaker_id, speaker_unit_id, materials, version FROM lecture WHERE session_id = $1
"""
SET_LECTURE = """
INSERT INTO lecture (session_id, topic, speaker_id, speaker_unit_id, materials, version, region)
VALUES ($1, $2, $3, $4, $5::text::jsonb, 1, $6)
ON CONFLICT (session_id) DO UPDATE
SET topic = EXCLUDED.topic, speaker_id = EXCLUDED.speaker_id, speaker_unit_id = EXCLUDED.speaker_unit_id,
    materials = EXCLUDED.materials, version = lecture.version + 1
RETURNING version
"""
FORGET_SPEAKERS = "UPDATE lecture SET speaker_id = NULL WHERE speaker_id = ANY ($1::uuid[])"

_materials: Final = TypeAdapter(tuple[Material, ...])


async def find_lecture(tx: Transaction, session_id: UUID) -> LectureState | None:
    row = await tx.find(FIND_LECTURE, session_id)
    return LectureState(**{**dict(row), "materials": _materials.validate_json(row["materials"])}) if row else None


async def set_lecture(tx: Transaction, lecture: SetLecture, region: str) -> int:
    """The version of the fact that says so. The session is locked."""
    materials = _materials.dump_json(lecture.materials).decode()
    values = (lecture.session_id, lecture.topic, lecture.speaker_id, lecture.speaker_unit_id, materials, region)
    return int(await tx.value(SET_LECTURE, *values))


async def forget_speakers(tx: Transaction, people: list[UUID]) -> None:
    """Lectures stay, by nobody."""
    await tx.execute(FORGET_SPEAKERS, people)
