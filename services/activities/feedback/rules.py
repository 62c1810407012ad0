"""Who may answer a survey, and what is told of the answers. No I/O, no clock."""

from collections.abc import Mapping, Sequence

from contracts.activities.v1 import FeedbackQuestion, Mark, QuestionResult
from contracts.refusals import Refusal

SCORES = range(1, 6)


def may_answer(marks: Sequence[Mark], attended: bool, answered: bool) -> Refusal | None:
    """Whoever came answers once (A31). Refusals: not-attended, feedback-given, question-twice."""
    if not attended:
        return Refusal("not-attended")
    if answered:
        return Refusal("feedback-given")
    return Refusal("question-twice") if len({mark.question for mark in marks}) < len(marks) else None


def is_shown(answered: int, smallest: int) -> bool:
    """Whether the results move on with this answer: with every `smallest`-th, about so many people at once (A53)."""
    return answered % smallest == 0


def result_of(question: FeedbackQuestion, shown: Mapping[int, int], smallest: int) -> QuestionResult:
    """What is told of one question, given how many answers of each score are shown."""
    answers = sum(shown.values())
    if answers < smallest:
        return QuestionResult(question=question, answers=0, scores=None, average_hundredths=None)
    total = sum(score * count for score, count in shown.items())
    return QuestionResult(
        question=question,
        answers=answers,
        scores=tuple(shown.get(score, 0) for score in SCORES),
        average_hundredths=round(total * 100 / answers),
    )
