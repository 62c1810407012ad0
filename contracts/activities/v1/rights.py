"""What activities tells of one person (PIPL 45)."""

from ...data import PersonId
from ...holdings import Holdings
from ...message import Query
from .. import refusals as refusals

__all__ = [
    "HeldByActivities",
]


class HeldByActivities(
    Query[Holdings],
    name="held-by-activities",
    permission="people.held.read",
    http="GET /v1/people/{person_id}/held/activities",
):
    """Enrolments, attendance and scans of a person, asked by registry for the copy that she is handed."""

    person_id: PersonId
