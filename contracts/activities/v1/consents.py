"""What the end of a consent brings about: what is asked and the facts stated (X16, A29)."""

from uuid import UUID

from ...data import Code, EnrolmentId, Instant, PersonId, SessionId
from ...message import Event, Part, Query
from ...registry.v1.codes import ConsentPurpose
from .. import refusals as refusals

__all__ = [
    "ConsentWithdrawalApplied",
    "EndedEnrolment",
    "ListWithdrawalEffects",
    "WithdrawalEffects",
]


class ConsentWithdrawalApplied(Event, fact="withdrawal.applied"):
    """What rested on a consent has ended here. `withdrawal_id` is the event that ended the consent.

    `enrolments` are those that were withdrawn by it, with all their people; they come again in a later version when a
    sign-up was under way at the moment of withdrawal.
    """

    withdrawal_id: UUID
    person_id: PersonId
    purpose: ConsentPurpose
    effects: tuple[Code, ...]
    enrolments: tuple[EnrolmentId, ...] = ()


class EndedEnrolment(Part):
    """An enrolment that ended because a consent did."""

    withdrawal_id: UUID
    enrolment_id: EnrolmentId
    session_id: SessionId
    at: Instant


class WithdrawalEffects(Part):
    """`ended` were withdrawn with a consent, newest first; `would_end` are those that a withdrawal now would end."""

    ended: tuple[EndedEnrolment, ...]
    would_end: tuple[EnrolmentId, ...]
    photos_agreed: bool


class ListWithdrawalEffects(
    Query[WithdrawalEffects],
    name="list-withdrawal-effects",
    permission="activities.roster.read",
    http="GET /v1/people/{person_id}/withdrawal-effects",
):
    """What withdrawing the consent of a person has ended, and what it would end now, in the asker's subtree."""

    person_id: PersonId
