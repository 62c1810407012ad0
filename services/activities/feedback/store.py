"""All SQL about surveys."""

from collections import defaultdict
from uuid import UUID

from contracts.activities.v1 import FeedbackQuestion, GiveFeedback, QuestionResult
from services.activities.feedback import rules
from services.chassis import Transaction

HAS_COME = """
SELECT EXISTS (SELECT FROM counted_head WHERE session_id = $1 AND person_id = $2 AND uncounted_by IS NULL)
"""
HAS_ANSWERED = "SELECT EXISTS (SELECT FROM survey_answered WHERE session_id = $1 AND person_id = $2)"
COUNT_ANSWERED = "SELECT count(*) FROM survey_answered WHERE session_id = $1"
COUNT_COME = "SELECT count(*) FROM counted_head WHERE session_id = $1 AND uncounted_by IS NULL"
ADD_ANSWERED = """
INSERT INTO survey_answered (session_id, person_id, feedback_id, region) VALUES ($1, $2, $3, $4)
"""
ID_USED = "SELECT EXISTS (SELECT FROM survey_answered WHERE feedback_id = $1)"
ADD_SCORES = """
INSERT INTO survey_score (session_id, question, score, answers, region)
SELECT $1, question, score, 1, $4 FROM unnest($2::text[], $3::int[]) AS mark (question, score)
ON CONFLICT (session_id, question, score) DO UPDATE SET answers = survey_score.answers + 1
"""
SHOW_SCORES = "UPDATE survey_score SET shown = answers WHERE session_id = $1"
LIST_SHOWN = "SELECT question, score, shown FROM survey_score WHERE session_id = $1 ORDER BY question, score"


async def has_come(tx: Transaction, session_id: UUID, person_id: UUID) -> bool:
    return bool(await tx.value(HAS_COME, session_id, person_id))


async def has_answered(tx: Transaction, session_id: UUID, person_id: UUID) -> bool:
    return bool(await tx.value(HAS_ANSWERED, session_id, person_id))


async def id_used(tx: Transaction, feedback_id: UUID) -> bool:
    return bool(await tx.value(ID_USED, feedback_id))


async def count_answered(tx: Transaction, session_id: UUID) -> int:
    return int(await tx.value(COUNT_ANSWERED, session_id))


async def count_come(tx: Transaction, session_id: UUID) -> int:
    return int(await tx.value(COUNT_COME, session_id))


async def add_answer(tx: Transaction, answer: GiveFeedback, region: str) -> None:
    """Who answered, and apart from that what. The session is locked."""
    await tx.execute(ADD_ANSWERED, answer.session_id, answer.person_id, answer.feedback_id, region)
    questions, scores = [mark.question.value for mark in answer.marks], [mark.score for mark in answer.marks]
    await tx.execute(ADD_SCORES, answer.session_id, questions, scores, region)


async def show_scores(tx: Transaction, session_id: UUID) -> None:
    await tx.execute(SHOW_SCORES, session_id)


async def list_results(tx: Transaction, session_id: UUID, smallest: int) -> tuple[QuestionResult, ...]:
    """What may be told of the answers, question by question."""
    shown: dict[str, dict[int, int]] = defaultdict(dict)
    for row in await tx.fetch(LIST_SHOWN, session_id):
        shown[row["question"]][row["score"]] = row["shown"]
    return tuple(rules.result_of(FeedbackQuestion(each), scores, smallest) for each, scores in shown.items())
