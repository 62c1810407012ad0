"""Feedback: what those who came thought of it, told without saying who (A31)."""

from uuid import UUID

from pydantic import Field

from ...data import PersonId, SessionId
from ...message import Command, Done, Event, Part, Query
from .. import refusals as refusals
from .codes import FeedbackQuestion

__all__ = [
    "FeedbackReceived",
    "FeedbackResults",
    "GetFeedback",
    "GiveFeedback",
    "Mark",
    "QuestionResult",
]


class Mark(Part):
    """One answer: 1 is very dissatisfied, 5 very satisfied."""

    question: FeedbackQuestion
    score: int = Field(ge=1, le=5)


class GiveFeedback(
    Command[Done],
    name="give-feedback",
    permission="activities.feedback.give",
    http="POST /v1/sessions/{session_id}/feedback",
    refusals=(
        "unknown-session",
        "session-not-counted",
        "not-attended",
        "feedback-given",
        "feedback-exists",
        "question-twice",
    ),
):
    """The satisfaction survey of one person who came, once, after the session was counted.

    Kept apart: that she answered, and how often each score was given.
    """

    feedback_id: UUID
    session_id: SessionId
    person_id: PersonId
    marks: tuple[Mark, ...] = Field(min_length=1, max_length=10)


class FeedbackReceived(Event, fact="feedback.received"):
    """Somebody answered the survey of a session; not who, nor what."""

    feedback_id: UUID
    session_id: SessionId


class QuestionResult(Part):
    """`scores` counts the answers 1 to 5; None, with the average in hundredths, where too few answered.

    Shown as of every so many answers as the count rule asks people for: between them nothing moves, so that two looks
    never tell what one person answered in between.
    """

    question: FeedbackQuestion
    answers: int
    scores: tuple[int, ...] | None
    average_hundredths: int | None


class FeedbackResults(Part):
    session_id: SessionId
    answered: int
    attended: int
    smallest: int
    results: tuple[QuestionResult, ...]


class GetFeedback(
    Query[FeedbackResults],
    name="get-feedback",
    permission="activities.counts.read",
    http="GET /v1/sessions/{session_id}/feedback",
    refusals=("unknown-session", "session-not-counted"),
):
    """The results of a session's survey, told of no fewer people than the count rule allows (A53)."""

    session_id: SessionId
