"""The order gate's rule, pure: every version of an aggregate once, in order, whatever the delivery does."""

from dataclasses import dataclass
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from contracts.registry.v1 import SiteClosed
from services.chassis.inbox import Key, Position, next_steps

SITE = UUID(int=1)


@dataclass
class Delivered:
    """What the gate looks at."""

    aggversion: int
    aggregate_id: UUID
    data: SiteClosed
    epoch: int = 1


def step(version: int, epoch: int = 1) -> Delivered:
    return Delivered(version, SITE, SiteClosed(site_id=SITE), epoch)


def at(version: int, epoch: int = 1) -> dict[Key, Position]:
    """The gate of the one site."""
    return {("site", SITE): Position(epoch, version)}


def test_the_next_version_passes() -> None:
    due, early, _ = next_steps(at(1), [step(2)])  # type: ignore[list-item]

    assert [each.aggversion for each in due] == [2]
    assert early == []


def test_a_version_that_was_applied_is_dropped() -> None:
    assert next_steps(at(2), [step(1), step(2)]) == ([], [], [])  # type: ignore[list-item]


def test_a_version_that_came_too_early_is_held() -> None:
    due, early, _ = next_steps({}, [step(2)])  # type: ignore[list-item]

    assert due == []
    assert [each.aggversion for each in early] == [2]


def test_after_a_restore_the_new_history_takes_over_from_the_version_it_follows() -> None:
    positions = at(7)

    due, early, ghosts = next_steps(positions, [step(5, epoch=9), step(4, epoch=9)])  # type: ignore[list-item]

    assert ([each.aggversion for each in due], early, ghosts) == ([4, 5], [], [])
    assert positions == at(5, epoch=9)


def test_after_a_restore_events_of_the_lost_future_are_ghosts() -> None:
    ghost = step(6)

    assert next_steps(at(5, epoch=9), [ghost]) == ([], [], [ghost])  # type: ignore[list-item]


def test_a_new_history_waits_for_what_was_said_before_the_restore() -> None:
    late = step(5, epoch=9)

    assert next_steps(at(3), [late]) == ([], [late], [])  # type: ignore[list-item]


@given(some.permutations(range(1, 9)), some.lists(some.integers(1, 8), max_size=20), some.integers(1, 8))
def test_any_order_with_repeats_applies_each_version_once_in_order(
    order: list[int], repeats: list[int], size: int
) -> None:
    waiting = [step(version) for version in [*order, *repeats]]
    positions: dict[Key, Position] = {}
    applied: list[int] = []

    while waiting:
        batch, waiting = waiting[:size], waiting[size:]
        due, early, _ = next_steps(positions, batch)  # type: ignore[arg-type]
        applied += [each.aggversion for each in due]
        waiting += early  # type: ignore[arg-type]

    assert applied == list(range(1, 9))


@given(
    some.integers(1, 5), some.integers(0, 4), some.integers(1, 5), some.lists(some.integers(1, 9)), some.integers(1, 4)
)
def test_whatever_was_applied_the_owners_last_version_wins(
    kept: int, lost: int, new: int, redelivered: list[int], size: int
) -> None:
    """The owner kept versions 1 to `kept`, lost `lost` more, and said `new` since; order inside an epoch holds."""
    before = [step(version) for version in range(1, kept + lost + 1)]
    after = [step(version, epoch=9) for version in range(kept + 1, kept + new + 1)]
    repeats = [step(version) for version in redelivered if version <= kept + lost]
    positions: dict[Key, Position] = {}
    waiting = [*before, *after]

    while waiting:
        batch, waiting = [*waiting[:size], *repeats[:1]], waiting[size:]
        repeats = repeats[1:]
        waiting += next_steps(positions, batch).early  # type: ignore[arg-type]

    assert positions == at(kept + new, epoch=9)
