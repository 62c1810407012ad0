"""Whom a session answers: requests for sessions that exist, by those who act in their region."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from contracts.refusals import Refusal
from services.activities.sessions.rules import Session
from services.chassis import Asked
from services.chassis.access import decide


def within_scope(asked: Sequence[Asked[Any]], sessions: Mapping[UUID, Session]) -> Iterator[tuple[Asked[Any], Session]]:
    """Each request with its session; the others are answered: unknown-session, not-permitted."""
    for each in asked:
        session = sessions.get(each.data.session_id)
        if session is None:
            each.answer(Refusal("unknown-session", session_id=str(each.data.session_id)))
            continue
        denied = decide(each.actor, each.data.contract.permission, session.region)
        if denied is not None:
            each.answer(denied)
        else:
            yield each, session
