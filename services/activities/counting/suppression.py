"""Which cells of a table tell of too few people to be shown (A53). No I/O."""

from collections.abc import Mapping
from typing import Final, TypeVar

K = TypeVar("K")
NOBODY: Final = 0


def is_small(persons: int, smallest: int) -> bool:
    """Fewer people than may be told of; nobody is no secret."""
    return NOBODY < persons < smallest


def withheld(persons: Mapping[K, int], smallest: int) -> frozenset[K]:
    """The cells to withhold of a table whose total is shown, given the people of each cell.

    Primary: cells of fewer than `smallest` people. Complementary: with them the least of the others, so that the total
    less all that is shown tells of at least `smallest` people, even where the small cells hold the same ones.
    """
    small = {key for key, count in persons.items() if is_small(count, smallest)}
    others = [(count, str(key), key) for key, count in persons.items() if count >= smallest]
    if small and others:
        small.add(min(others, key=lambda each: each[:2])[2])
    return frozenset(small)
