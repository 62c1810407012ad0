"""The judge itself: an account of made-up evidence shows what is wrong with it, and only that."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from contracts.data import AgeBand
from contracts.registry.v1 import RegisterPerson
from tests.chaos.accounts import Account, draw_up
from tests.chaos.callers import Asked
from tests.chaos.evidence import Evidence, Said

PERSON = RegisterPerson(person_id=uuid4(), region="350503001001", name="演示居民", age_band=AgeBand.MIDDLE)
COMMAND = uuid4()
EVENT, SESSION, ENROLMENT = uuid4(), uuid4(), uuid4()
ANSWER = {"ok": {"person_id": str(PERSON.person_id), "age_band": "35-59", "version": 1}}
SUBJECT = "evt.registry.person.registered.v1.3505.03.001.001"
STEPS = {
    "service": "witness",
    "durable": "witness-steps",
    "stream": "EVT_REGISTRY",
    "filters": ["evt.registry.person.>"],
}
AT = datetime(2026, 6, 3, tzinfo=UTC)


@pytest.fixture
def evidence() -> Evidence:
    """One person was registered, heard of by the witness, and has the only two seats of a session."""
    step = {"consumer": "witness-steps", "aggregate": "person", "aggregate_id": PERSON.person_id, "version": 1}
    return Evidence(
        said={"registry": [said(1, COMMAND)], "activities": [], "notify": [], "witness": []},
        rows={
            "registry": {
                "command_log": [
                    {"command_id": COMMAND, "outcome": b'{"ok":%s}' % str(ANSWER["ok"]).replace("'", '"').encode()}
                ],
                "person": [{"person_id": PERSON.person_id}],
            },
            "activities": {
                "command_log": [],
                "session": [{"session_id": SESSION, "capacity": 1, "seats_taken": 1, "waiting": 0}],
                "enrolment": [
                    {
                        "enrolment_id": ENROLMENT,
                        "session_id": SESSION,
                        "people": [PERSON.person_id],
                        "seats": 1,
                        "status": "confirmed",
                    }
                ],
                "participant": [
                    {"session_id": SESSION, "person_id": PERSON.person_id, "enrolment_id": ENROLMENT},
                ],
                "scan": [],
            },
            "notify": {"command_log": [], "notice": [], "webhook_delivery": []},
            "witness": {
                "command_log": [],
                "inbox": [],
                "order_gate": [step],
                "quarantine": [],
                "effect": [{**step, "event_id": EVENT}],
            },
        },
        streams={"EVT_REGISTRY": [str(EVENT)]},
    )


def said(version: int, cause: UUID, event: UUID = EVENT, at: datetime = AT) -> Said:
    return Said(str(event), SUBJECT, "person", PERSON.person_id, version, str(cause), at, True)


def account(evidence: Evidence) -> tuple[int, int, int]:
    """How much was lost, doubled and went backwards."""
    asked = [Asked(COMMAND, PERSON, ANSWER)]
    found: Account = draw_up(asked, evidence, [STEPS], {"witness-steps": True})
    return len(found.lost), len(found.doubled), len(found.backwards)


def test_when_all_is_well_nothing_is_found(evidence: Evidence) -> None:
    assert account(evidence) == (0, 0, 0)


def test_an_answer_that_is_not_kept_is_lost(evidence: Evidence) -> None:
    evidence.rows["registry"]["command_log"].clear()

    assert account(evidence) == (1, 0, 0)


def test_a_person_who_was_registered_and_is_gone_is_lost(evidence: Evidence) -> None:
    evidence.rows["registry"]["person"].clear()

    assert account(evidence) == (1, 0, 0)


def test_an_event_that_a_consumer_never_had_is_lost_unless_it_is_in_quarantine(evidence: Evidence) -> None:
    evidence.rows["witness"]["order_gate"].clear()
    evidence.rows["witness"]["effect"].clear()
    assert account(evidence) == (1, 0, 0)

    evidence.rows["witness"]["quarantine"].append(
        {"consumer": "witness-steps", "body": b'{"id":"%s"}' % str(EVENT).encode(), "reason": ""}
    )
    assert account(evidence) == (0, 0, 0)


def test_an_event_that_the_stream_does_not_hold_is_lost_and_one_it_holds_twice_is_doubled(evidence: Evidence) -> None:
    evidence.streams["EVT_REGISTRY"] = []
    assert account(evidence) == (1, 0, 0)

    evidence.streams["EVT_REGISTRY"] = [str(EVENT)] * 2
    assert account(evidence) == (0, 1, 0)


def test_a_command_that_was_decided_twice_is_doubled(evidence: Evidence) -> None:
    again = uuid4()
    evidence.said["registry"].append(said(2, COMMAND, again, at=datetime(2026, 6, 4, tzinfo=UTC)))
    evidence.streams["EVT_REGISTRY"].append(str(again))
    evidence.rows["witness"]["quarantine"].append(
        {"consumer": "witness-steps", "body": b'{"id":"%s"}' % str(again).encode(), "reason": ""}
    )

    assert account(evidence) == (0, 2, 0)


def test_an_effect_that_happened_twice_is_doubled_and_out_of_order(evidence: Evidence) -> None:
    evidence.rows["witness"]["effect"] *= 2

    assert account(evidence) == (0, 1, 1)


def test_a_version_left_out_goes_backwards(evidence: Evidence) -> None:
    evidence.said["registry"][0] = said(2, COMMAND)
    evidence.rows["witness"]["order_gate"][0] = {**evidence.rows["witness"]["order_gate"][0], "version": 2}

    assert account(evidence) == (0, 0, 1)


def test_more_seats_than_there_are_and_a_wrong_sum_are_doubled(evidence: Evidence) -> None:
    [session] = evidence.rows["activities"]["session"]
    evidence.rows["activities"]["session"][0] = {**session, "capacity": 0}
    assert account(evidence) == (0, 1, 0)

    evidence.rows["activities"]["session"][0] = {**session, "seats_taken": 0}
    assert account(evidence) == (0, 1, 0)


def test_a_person_with_two_places_in_one_session_is_doubled(evidence: Evidence) -> None:
    [enrolment] = evidence.rows["activities"]["enrolment"]
    evidence.rows["activities"]["enrolment"].append({**enrolment, "enrolment_id": uuid4()})
    [session] = evidence.rows["activities"]["session"]
    evidence.rows["activities"]["session"][0] = {**session, "capacity": 2, "seats_taken": 2}

    assert account(evidence) == (0, 1, 0)
