"""The order gate's rule, pure: every version of an aggregate once, in order, whatever the delivery does."""

from dataclasses import dataclass
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from contracts.registry.v1 import SiteClosed
from services.chassis.inbox import next_steps

SITE = UUID(int=1)


@dataclass
class Delivered:
    """What the gate looks at."""

    aggversion: int
    aggregate_id: UUID
    data: SiteClosed


def step(version: int, site: UUID = SITE) -> Delivered:
    return Delivered(version, site, SiteClosed(site_id=site))


def test_the_next_version_passes() -> None:
    due, early = next_steps({("site", SITE): 1}, [step(2)])  # type: ignore[list-item]

    assert [each.aggversion for each in due] == [2]
    assert early == []


def test_a_version_that_was_applied_is_dropped() -> None:
    assert next_steps({("site", SITE): 2}, [step(1), step(2)]) == ([], [])  # type: ignore[list-item]


def test_a_version_that_came_too_early_is_held() -> None:
    due, early = next_steps({}, [step(2)])  # type: ignore[list-item]

    assert due == []
    assert [each.aggversion for each in early] == [2]


@given(some.permutations(range(1, 9)), some.lists(some.integers(1, 8), max_size=20), some.integers(1, 8))
def test_any_order_with_repeats_applies_each_version_once_in_order(
    order: list[int], repeats: list[int], size: int
) -> None:
    waiting = [step(version) for version in [*order, *repeats]]
    versions: dict[tuple[str, UUID], int] = {}
    applied: list[int] = []

    while waiting:
        batch, waiting = waiting[:size], waiting[size:]
        due, early = next_steps(versions, batch)  # type: ignore[arg-type]
        applied += [each.aggversion for each in due]
        waiting += early  # type: ignore[arg-type]

    assert applied == list(range(1, 9))
