"""Figures by the published rule and the attendances behind them (A23, A24, A53; standards.md 2.12)."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import StringConstraints

from ...data import INTERNAL, PUBLIC, PersonId, SessionId, Title
from ...message import Part

__all__ = ["CountFact", "CountFacts", "Figures"]

Period = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}(-(0[1-9]|1[0-2])|Q[1-4]|H[12])?$"), PUBLIC]
"""A reporting period by the calendar of China: `2026-05`, `2026Q2`, `2026H1` or `2026`."""


Phrase = Title
"""The official wording of a count of 人次: `4万多人次`."""


_ID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


FactCursor = Annotated[str, StringConstraints(pattern=rf"^{_ID}:{_ID}$"), INTERNAL]
"""Where a page of facts ended: session and attendance."""


TopicKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-z+-]{1,40}$"), INTERNAL]
"""A month, a region, an id or an age band."""


class Figures(Part):
    """场次, 人次 and 人数 of identified people; beside them, never added, what was declared without names (A23).

    `sessions_held` had somebody identified, `sessions_declared` declared heads alone. `person_times`, `persons` and
    `phrase` are None where they are withheld, because they tell of too few people (A53).
    """

    sessions_held: int
    person_times: int | None
    persons: int | None
    sessions_declared: int
    declared_heads: int
    phrase: Phrase | None


class CountFact(Part):
    """One attendance that a number counts."""

    attendance_id: UUID
    session_id: SessionId
    person_id: PersonId


class CountFacts(Part):
    """`after` asks for the next page; None on the last one."""

    facts: tuple[CountFact, ...]
    after: FactCursor | None = None
