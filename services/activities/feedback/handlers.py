"""What activities does when somebody answers a survey, or its results are asked for."""

from contracts.activities.v1 import FeedbackReceived, FeedbackResults, GetFeedback, GiveFeedback, SessionStatus
from contracts.message import Done
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.counting.figures import smallest
from services.activities.feedback import rules, store
from services.activities.sessions.scope import find_permitted, lock_permitted
from services.chassis import Transaction


@activities.decides(GiveFeedback)
async def give_feedback(command: GiveFeedback, tx: Transaction) -> Done | Refusal:
    session = await lock_permitted(tx, command)
    if isinstance(session, Refusal):
        return session
    if session.status is not SessionStatus.CLOSED:
        return Refusal("session-not-counted")
    if await store.id_used(tx, command.feedback_id):
        return Refusal("feedback-exists", feedback_id=str(command.feedback_id))
    refusal = rules.may_answer(
        command.marks,
        attended=await store.has_come(tx, command.session_id, command.person_id),
        answered=await store.has_answered(tx, command.session_id, command.person_id),
    )
    if refusal:
        return refusal

    await store.add_answer(tx, command, session.region)
    if rules.is_shown(await store.count_answered(tx, command.session_id), await smallest(tx)):
        await store.show_scores(tx, command.session_id)
    received = FeedbackReceived(feedback_id=command.feedback_id, session_id=command.session_id)
    tx.say(received, region=session.region, version=1)
    return Done()


@activities.answers(GetFeedback)
async def get_feedback(query: GetFeedback, tx: Transaction) -> FeedbackResults | Refusal:
    session = await find_permitted(tx, query)
    if isinstance(session, Refusal):
        return session
    if session.status is not SessionStatus.CLOSED:
        return Refusal("session-not-counted")
    fewest = await smallest(tx)
    return FeedbackResults(
        session_id=query.session_id,
        answered=await store.count_answered(tx, query.session_id),
        attended=await store.count_come(tx, query.session_id),
        smallest=fewest,
        results=await store.list_results(tx, query.session_id, fewest),
    )
