"""What the end of the consent to volunteering brings about: what is asked and the facts stated (X16, PIPL 15, 47)."""

from uuid import UUID

from ...data import Code, Instant, PersonId
from ...message import Event, Part, Query
from .. import refusals as refusals

__all__ = [
    "EndedVolunteering",
    "ListVolunteeringEffects",
    "VolunteerWithdrawn",
    "VolunteeringEffects",
    "VolunteeringWithdrawalApplied",
]


class VolunteerWithdrawn(Event, fact="volunteer.withdrawn"):
    """A membership is over: its holder serves under it no more. Hours and certificates stay (志愿服务条例 19)."""

    volunteer_id: UUID
    person_id: PersonId
    team_id: UUID


class VolunteeringWithdrawalApplied(Event, fact="withdrawal.applied"):
    """What rested on the consent to volunteering has ended here. `withdrawal_id` is the event that ended the consent.

    `assignments` were given back, `memberships` are those that are over. They come again in a later version
    when somebody was joining or taking a shift at the moment of withdrawal.
    """

    withdrawal_id: UUID
    person_id: PersonId
    effects: tuple[Code, ...]
    assignments: tuple[UUID, ...] = ()
    memberships: tuple[UUID, ...] = ()


class EndedVolunteering(Part):
    """What one withdrawal has ended."""

    withdrawal_id: UUID
    at: Instant
    assignments: tuple[UUID, ...]
    memberships: tuple[UUID, ...]


class VolunteeringEffects(Part):
    """`ended` by withdrawals, newest first; the other two are what a withdrawal now would end."""

    ended: tuple[EndedVolunteering, ...]
    would_give_back: tuple[UUID, ...]
    would_leave: tuple[UUID, ...]


class ListVolunteeringEffects(
    Query[VolunteeringEffects],
    name="list-volunteering-effects",
    permission="volunteers.hours.read",
    http="GET /v1/people/{person_id}/volunteering-effects",
):
    """What withdrawing the consent to volunteering has ended, and what it would end now, in the asker's subtree."""

    person_id: PersonId
