"""A draw that anyone can recompute (A13); its rule is told in contracts/activities/v1/draws.py. No I/O, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from contracts.activities.v1 import AllocationMode


@dataclass(frozen=True, slots=True)
class Draw:
    session_id: UUID
    seed: str
    commitment: str
    closes_at: datetime
    allocation: AllocationMode
    held_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An enrolment with its rank of need (0 throughout in a lottery), its lot, and what the draw gave it."""

    enrolment_id: UUID
    rank: int
    lot: str
    seats: int | None = None
    seats_free: int | None = None
    outcome: str | None = None


def commitment_of(seed: str) -> str:
    """What is published before anybody enters: sha256 of the seed's text."""
    return sha256(seed.encode()).hexdigest()


def lot_of(seed: str, enrolment_id: UUID) -> str:
    """The lot of an enrolment: sha256 of the seed and the id, both as text."""
    return sha256(f"{seed}:{enrolment_id}".encode()).hexdigest()


def rank_of(household: str | None, need_order: Sequence[str]) -> int:
    """The declared kind's place in the published order of need; who is of none comes last."""
    return need_order.index(household) if household in need_order else len(need_order)


def order_of(seed: str, ranks: Mapping[UUID, int]) -> list[Entry]:
    """The order of a draw: by rank, then by lot."""
    entries = [Entry(id, rank, lot_of(seed, id)) for id, rank in ranks.items()]
    return sorted(entries, key=lambda each: (each.rank, each.lot))


def digest_of(order: Iterable[UUID]) -> str:
    """By which a published order is compared with a recomputed one."""
    return sha256(",".join(map(str, order)).encode()).hexdigest()


def by_rank(entries: Sequence[Entry]) -> tuple[int, ...]:
    """How many entries had each rank, from 0."""
    ranks = [entry.rank for entry in entries]
    return tuple(ranks.count(rank) for rank in range(max(ranks, default=-1) + 1))
