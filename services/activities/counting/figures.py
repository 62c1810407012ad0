"""How numbers are told: withheld where they tell of too few people, with their official phrase where not."""

from uuid import UUID

from contracts.activities.v1 import CountKind, Figures
from services.activities.counting import rules
from services.activities.counting.rules import BANDS, Sums
from services.chassis import Transaction

SMALLEST = "SELECT smallest FROM count_rule WHERE rule = $1"


async def smallest(tx: Transaction) -> int:
    """The fewest people that a number of the rule in force may tell of (A53): data, beside the rule's name."""
    return int(await tx.value(SMALLEST, rules.RULE))


def told(sums: Sums, persons: int, withheld: bool) -> Figures:
    return Figures(
        sessions_held=sums.held,
        person_times=None if withheld else sums.times,
        persons=None if withheld else persons,
        sessions_declared=sums.by_declaration,
        declared_heads=sums.declared,
        phrase=None if withheld else rules.phrase(sums.times),
    )


def key_text(kind: CountKind, topic: UUID) -> str | None:
    """How a topic is named outside: an id, or the age band; nothing for everything."""
    if kind is CountKind.ALL:
        return None
    return BANDS[topic].value if kind is CountKind.AUDIENCE else str(topic)
