"""What volunteers tells of one person (PIPL 45)."""

from ...data import PersonId
from ...holdings import Holdings
from ...message import Query
from .. import refusals as refusals

__all__ = [
    "HeldByVolunteers",
]


class HeldByVolunteers(
    Query[Holdings],
    name="held-by-volunteers",
    permission="people.held.read",
    http="GET /v1/people/{person_id}/held/volunteers",
):
    """Memberships, shifts, stints, hours and certificates of a person, asked by registry for her copy."""

    person_id: PersonId
