"""`./linli draw verify` says what it found, and by its exit status whether anyone was treated otherwise."""

import json
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import pytest
from typer.testing import CliRunner

from contracts.activities.v1 import AllocationMode, DrawEntry, DrawState
from contracts.refusals import Refusal, Refused
from deploy.draws import cli

SESSION = UUID("01980b2e-7b3c-7d4a-9c55-6f2b8e1d0a11")
SEED = "3b1f5c7d9e0a2b4c6d8e0f1a3b5c7d9e1f2a4b6c8d0e2f4a6b8c0d2e4f6a8b0c"


def a_record() -> DrawState:
    """A lottery of three families of one for two seats, as a service that keeps to the recipe writes it."""
    lots = sorted(
        (sha256(f"{SEED}:{id}".encode()).hexdigest(), id) for id in (uuid5(SESSION, str(n)) for n in range(3))
    )
    order = tuple(
        DrawEntry(
            enrolment_id=id, rank=0, lot=lot, seats=1, seats_free=max(2 - place, 0),
            outcome="placed" if place < 2 else "queued",
        )
        for place, (lot, id) in enumerate(lots)
    )  # fmt: skip
    return DrawState(
        session_id=SESSION,
        commitment=sha256(SEED.encode()).hexdigest(),
        closes_at="2026-07-09T10:00:00Z",
        allocation=AllocationMode.LOTTERY,
        held_at="2026-07-09T10:00:00Z",
        seed=SEED,
        order=order,
        entries=tuple(sorted(id for _, id in lots)),
        entries_by_rank=(3,),
        order_digest=sha256(",".join(str(id) for _, id in lots).encode()).hexdigest(),
    )


def verify(monkeypatch: pytest.MonkeyPatch, record: DrawState | Refused, *options: str) -> Any:
    async def asked(self: object, query: object) -> DrawState:
        if isinstance(record, Refused):
            raise record
        return record

    monkeypatch.setattr("deploy.demo.desk.Desk.ask", asked)
    return CliRunner().invoke(cli.app, ["verify", str(SESSION), "--url", "http://127.0.0.1:9", *options])


def test_a_draw_that_keeps_to_the_recipe_is_found_good(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = verify(monkeypatch, a_record(), "--commitment", sha256(SEED.encode()).hexdigest())

    assert shown.exit_code == 0
    assert shown.output.count("✓") == 4


def test_a_family_that_was_passed_over_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_record()
    first, second, third = record.order
    bent = (first.model_copy(update={"outcome": "queued"}), second, third.model_copy(update={"outcome": "placed"}))

    told = verify(monkeypatch, record.model_copy(update={"order": bent}), "--json")

    assert told.exit_code == 1
    seats = next(step for step in json.loads(told.output)["steps"] if step["step"] == "seats")
    assert [str(each.enrolment_id) in line for each, line in zip((first, third), seats["wrong"], strict=True)] == [
        True, True,
    ]  # fmt: skip


def test_what_cannot_be_asked_is_trouble_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = verify(monkeypatch, Refused(Refusal("no-draw")))

    assert shown.exit_code == 1
    assert isinstance(shown.exception, cli.Trouble)
