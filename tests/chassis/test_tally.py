"""Refused access is counted in few rows, whoever asks how often for what (promise 14). No I/O."""

from uuid import uuid4

from contracts.audit import AuditAction
from contracts.refusals import Refusal
from services.chassis.access import Actor, denial
from services.chassis.tally import HOUR, MANY, ROWS_AN_HOUR, Tally

SOMEBODY = Actor(str(uuid4()), frozenset({"reader"}), "350503001000")


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_same_refusal_is_one_row_with_a_count() -> None:
    tally = Tally()
    for _ in range(500):
        tally.note_refusal(SOMEBODY, denial("activities.plan", "350502001001"), None)
    tally.note_refusal(SOMEBODY, Refusal("session-full"), None)

    [(kind, times)] = tally.take().items()
    assert (kind.action, kind.actor, kind.reason, times) == (
        AuditAction.ACCESS_REFUSED, SOMEBODY.id, "activities.plan", 500,
    )  # fmt: skip
    assert tally.take() == {}


def test_whoever_varies_what_she_asks_fills_no_disk() -> None:
    time = Time()
    tally = Tally(time)
    written = 0
    for number in range(20 * ROWS_AN_HOUR):
        tally.note(AuditAction.ACCESS_REFUSED, f"actor-{number}", reason="activities.plan")
        if number % 700 == 0:
            written += len(tally.take())
    written += len(tally.take())
    assert written == ROWS_AN_HOUR

    time.now = HOUR
    [(kind, times)] = tally.take().items()
    assert (kind.actor, times) == (MANY, 19 * ROWS_AN_HOUR)
    tally.note(AuditAction.ACCESS_REFUSED, "somebody new", reason="王芳")
    assert [(kind.actor, kind.reason) for kind in tally.take()] == [("unnamed", "")]
