"""The gate on a real release: frozen by `./linli contracts release` in a copy of the checkout, then changed."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from contracts.registry.v1 import PersonRegistered
from deploy.local.service import CHECKOUT
from tests.under_test import Servers, ServiceUnderTest
from tests.versions.checkout import Checkout
from tests.versions.corpus import event_samples, unhandled
from tests.versions.next_release import declare_next

CODES = "contracts/activities/v1/codes.py"
ENROLMENT = "contracts/activities/v1/enrolment.py"
OFFERS = "contracts/activities/v1/offers.py"
ATTENDANCE = "contracts/activities/v1/attendance.py"
BESIDE = "or declare a new version of the message beside this one."


@dataclass(frozen=True, slots=True)
class Break:
    """A change that must not land, and what the gate says of it."""

    make: Callable[[Checkout], None]
    of: str
    says: tuple[str, ...]


BREAKS = {
    "renamed field": Break(
        lambda it: it.change(ENROLMENT, "EnrolmentQueued", "position: int", "place_in_queue: int"),
        "linli.activities.enrolment.queued.v1",
        ("the field position is removed", "the new field place_in_queue is required"),
    ),
    "required field": Break(
        lambda it: it.add(OFFERS, "SeatsOffered", "seats_left: int"),
        "linli.activities.enrolment.seats-offered.v1",
        ("the new field seats_left is required",),
    ),
    "required field of a command": Break(
        lambda it: it.add(ENROLMENT, "WithdrawEnrolment", "how: Code"),
        "linli.activities.withdraw-enrolment.v1",
        ("the new field how is required",),
    ),
    "narrower enum": Break(
        lambda it: it.change(CODES, "AttendanceMethod", '    PAPER = "paper"\n', ""),
        "linli.activities.attendance.recorded.v1",
        ("the field method lost the codes paper",),
    ),
    "changed type": Break(
        lambda it: it.change(ENROLMENT, "EnrolmentWithdrawn", "seats: int", "seats: Code"),
        "linli.activities.enrolment.withdrawn.v1",
        ("the field seats was integer and is string now",),
    ),
    "removed event": Break(
        lambda it: it.change(ATTENDANCE, "AttendanceReverted", '"attendance.reverted"', '"attendance.undone"'),
        "linli.activities.attendance.reverted.v1",
        ("the message is removed",),
    ),
}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with one release of the contracts."""
    copy = Checkout.copied_to(tmp_path_factory.mktemp("house") / "released")
    assert copy.release() == "0.1.0"
    return copy


@pytest.fixture(scope="module")
def verdict(released: Checkout, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What `./linli contracts check` says of a checkout with every break at once; each is of another message."""
    broken = Checkout.copied_to(tmp_path_factory.mktemp("house") / "broken", released.home)
    for each in BREAKS.values():
        each.make(broken)
    done = broken.linli("contracts", "check")
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", BREAKS)
def test_a_change_that_breaks_a_release_cannot_land_and_says_whom_it_breaks_and_what_to_do(
    name: str, verdict: list[str]
) -> None:
    expected = BREAKS[name]
    said = [line for line in verdict if line.startswith(f"{expected.of}: ")]

    for words in expected.says:
        [line] = [line for line in said if f": {words} since 0.1.0. This breaks " in line]
        assert line.endswith(BESIDE)
        assert "integrators" in line


@pytest.fixture(scope="module")
def added(released: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Release N+1, its files generated; the one event that changed is told anew."""
    copy = Checkout.copied_to(tmp_path_factory.mktemp("house") / "added", released.home)
    declare_next(copy)
    (copy.home / "contracts/samples/linli.registry.person.registered.v1.json").unlink()
    written = copy.linli("contracts", "generate")
    assert written.returncode == 0, written.stderr
    return copy


@pytest.mark.soak
def test_what_only_adds_may_land(added: Checkout) -> None:
    checked = added.linli("contracts", "check")

    assert (checked.returncode, checked.stdout.strip()) == (0, "The contracts are in order."), checked.stderr
    assert (added.home / "contracts/schemas/linli.registry.greeting.sent.v1.json").exists()


@pytest.mark.soak
@pytest.mark.parametrize("service", ["activities", "volunteers"])
async def test_what_the_next_release_says_is_handled_by_this_one(
    service: str, added: Checkout, servers: Servers
) -> None:
    samples = [
        (kind, {**sample, "data": {**sample["data"], "age_band": "80+"}} if kind is PersonRegistered else sample)
        for kind, sample in event_samples(added.home / "contracts")
    ]
    assert any(sample["data"].get("channel") and sample["data"].get("age_band") == "80+" for _, sample in samples)

    async with ServiceUnderTest.started(service, servers) as place:
        assert await unhandled(place, samples) == []


CARELESS = "assert not [fact for fact in facts if isinstance(fact, PersonRegistered) and fact.channel == 'counter']"


@pytest.mark.soak
def test_a_handler_of_the_next_release_that_cannot_take_a_frozen_sample_is_named(
    added: Checkout, tmp_path: Path
) -> None:
    careless = Checkout.copied_to(tmp_path / "careless", added.home)
    facts = "facts = [event.data for event in events]"
    careless.change("services/activities/replicas.py", "remember_people", facts, f"{facts}\n    {CARELESS}")

    fine, named = (corpus_tests_of(each) for each in (added, careless))

    assert (fine.returncode, "[activities-0.1.0]" in fine.stdout) == (0, True), fine.stdout
    assert "activities-people: PersonRegistered: AssertionError: " in named.stdout, named.stdout
    failed = {line.rpartition("::")[2].split(" ")[0] for line in named.stdout.splitlines() if line.startswith("FAILED")}
    assert failed == {"test_every_event_ever_said_is_handled_by_all_who_hear_it[activities-0.1.0]"}


def corpus_tests_of(copy: Checkout) -> subprocess.CompletedProcess[str]:
    """The tests of the corpus, run on a copy's contracts, services and frozen releases."""
    file = CHECKOUT / "tests" / "versions" / "test_corpus.py"
    options = ["-rA", "--import-mode=append", "-p", "no:cacheprovider", "-m", "not soak", "-k", "ever_said"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(file)], cwd=copy.home, capture_output=True, text=True,
        env=copy.environment | {"PYTHONPATH": f"{copy.home}{os.pathsep}{CHECKOUT}"}, check=False, timeout=120,
    )  # fmt: skip
