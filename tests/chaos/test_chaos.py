"""Promises 1 to 3 on the whole system under fire, and the proof that the account would notice. Takes minutes."""

import random

import pytest

from tests.chaos.run import run

SECONDS = 25.0
SABOTAGED_SECONDS = 40.0
SEEDS = (5, 6, 7)
"""A fault that needs a crash in the right millisecond may escape one run; it must not escape three."""


@pytest.mark.soak
def test_whatever_falls_nothing_is_lost_doubled_or_goes_backwards() -> None:
    found = run(SECONDS, seed=random.SystemRandom().randrange(10**6))

    report = found.report()
    assert found.ok, report
    assert report["quarantined"] == 0, report
    assert report["answered"] > 200, "hardly anything was asked"


@pytest.mark.soak
@pytest.mark.parametrize(
    ("saboteur", "figure"),
    [
        ("no-inbox", "doubled"),
        ("no-version-gate", "backwards"),
        ("cursor-relay", "lost"),
        ("no-message-id", "doubled"),
        ("ack-first", "lost"),
    ],
)
def test_each_saboteur_is_caught(saboteur: str, figure: str) -> None:
    figures = (run(SABOTAGED_SECONDS, seed, saboteur).report()[figure] for seed in SEEDS)

    assert any(figures), f"{saboteur} went unnoticed"
