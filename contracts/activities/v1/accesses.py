"""Who saw a person's record in this service (features X15)."""

from typing import Annotated

from pydantic import Field

from ...audit import AccessLog
from ...data import PersonId
from ...message import Query
from .. import refusals as refusals

__all__ = [
    "ListActivitiesAccesses",
]


class ListActivitiesAccesses(
    Query[AccessLog],
    name="list-activities-accesses",
    permission="account.own",
    http="GET /v1/people/{person_id}/accesses/activities",
):
    """What activities wrote down about a person, newest first, at most 200 (PIPL 44, 未成年人网络保护条例 36).

    A person asks about herself and her ward; whoever holds `audit.read` about those of the own region. Asking is
    written down too.
    """

    person_id: PersonId
    before: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
