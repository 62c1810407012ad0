"""Freed seats offered to a waiting family: what is asked and the facts stated (A10 to A12)."""

from ...data import Code, EnrolmentId, Instant, PersonId, SessionId
from ...message import Command, Event
from .. import refusals as refusals
from .enrolment import EnrolmentState

__all__ = ["AcceptOffer", "DeclineByLink", "DeclineOffer", "OfferEnded", "SeatsOffered"]


class AcceptOffer(
    Command[EnrolmentState],
    name="accept-offer",
    permission="activities.enrol",
    http="POST /v1/enrolments/{enrolment_id}/accept",
    refusals=("unknown-enrolment", "no-offer", "offer-lapsed", "guardian-consent-missing"),
):
    """The family takes the offered seats."""

    enrolment_id: EnrolmentId


class DeclineOffer(
    Command[EnrolmentState],
    name="decline-offer",
    permission="activities.enrol",
    http="POST /v1/enrolments/{enrolment_id}/decline",
    refusals=("unknown-enrolment", "no-offer"),
):
    """The family lets the offered seats go; they are offered to the next that fits."""

    enrolment_id: EnrolmentId


class DeclineByLink(
    Command[EnrolmentState],
    name="decline-by-link",
    permission="activities.offers.decline-by-link",
    http="POST /v1/offer-links/{enrolment_id}/decline",
    refusals=("unknown-enrolment", "no-offer"),
):
    """What the gateway asks for whoever opened the signed link of an offer's letter (A10). Again: the same answer.

    `answer_by` names the very offer: a link of an earlier one declines nothing.
    """

    enrolment_id: EnrolmentId
    answer_by: Instant


class SeatsOffered(Event, fact="enrolment.seats-offered"):
    """Freed seats are held for a waiting family until `answer_by`, which never falls at night (A11).

    `tell_at` is when whoever has quiet hours is told, and when the time to answer begins.
    """

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    seats: int
    answer_by: Instant
    tell_at: Instant | None = None


class OfferEnded(Event, fact="enrolment.offer-ended"):
    """An offer was declined or lapsed; `how` is `declined` or `lapsed`. The family leaves the queue."""

    enrolment_id: EnrolmentId
    session_id: SessionId
    contact_id: PersonId
    how: Code
