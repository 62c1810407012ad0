"""How the seats of a session are parted, and which of them a family gets as a whole (A5, A12). No I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from contracts.activities.v1 import EnrolmentTerms, QuotaState
from contracts.refusals import Refusal

OPEN: Final = "open"
CHILD: Final = "child"
WALK_IN: Final = "walk-in"
RESERVED: Final = "reserved"
"""What the log calls a group's quota: which family is of which kind is nobody else's business."""


def group_quota(kind: str) -> str:
    """The name of the quota of a kind of household."""
    return f"group-{kind}"[:40]


@dataclass(frozen=True, slots=True)
class Party:
    """Who comes together: all get seats or none."""

    seats: int
    minors: int = 0
    household: str | None = None
    walk_in: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """The seats of a party by where they come from; the rest of its seats are open ones."""

    seats: int
    minors: int = 0
    household: str | None = None
    from_group: int = 0
    from_walk_in: int = 0

    @property
    def from_open(self) -> int:
        return self.seats - self.from_group - self.from_walk_in


@dataclass(frozen=True, slots=True)
class Quota:
    seats: int
    taken: int = 0

    @property
    def free(self) -> int:
        return self.seats - self.taken


@dataclass(frozen=True, slots=True)
class Quotas:
    """Every seat is of one quota: `open`, `walk-in` or a group's; the quota `child` counts minors across these."""

    by_name: Mapping[str, Quota]

    def share(self, party: Party) -> Share | str:
        """The seats a party gets now, the scarcest kind first; or the name of the quota that is short of seats."""
        child = self.by_name.get(CHILD)
        if child is not None and party.minors > child.free:
            return CHILD
        group = self._free(group_quota(party.household)) if party.household else 0
        from_group = min(party.seats, group)
        from_walk_in = min(party.seats - from_group, self._free(WALK_IN)) if party.walk_in else 0
        share = Share(party.seats, party.minors, party.household, from_group, from_walk_in)
        if share.from_open > self._free(OPEN):
            return RESERVED if party.household and group_quota(party.household) in self.by_name else OPEN
        return share

    def take(self, share: Share) -> "Quotas":
        return self._moved(share, 1)

    def give_back(self, share: Share) -> "Quotas":
        return self._moved(share, -1)

    def emptied(self) -> "Quotas":
        """The same seats with nobody on them: what does not fit here never will."""
        return Quotas({name: Quota(quota.seats) for name, quota in self.by_name.items()})

    def _free(self, name: str) -> int:
        quota = self.by_name.get(name)
        return quota.free if quota else 0

    def _moved(self, share: Share, sign: int) -> "Quotas":
        moved = {
            OPEN: share.from_open,
            WALK_IN: share.from_walk_in,
            CHILD: share.minors,
            group_quota(share.household or ""): share.from_group,
        }
        return Quotas(
            {
                name: replace(quota, taken=quota.taken + sign * moved[name]) if moved.get(name) else quota
                for name, quota in self.by_name.items()
            }
        )


def are_parted(terms: EnrolmentTerms | None) -> bool:
    """True when the terms part the seats at all."""
    return terms is not None and bool(terms.reserved or terms.walk_in_seats or terms.child_seats is not None)


def parted(terms: EnrolmentTerms, capacity: int, taken: Mapping[str, int] | None = None) -> Quotas:
    """The quotas of a session by its terms, with so many taken of each."""
    seats = {OPEN: open_seats(terms, capacity)}
    if terms.walk_in_seats:
        seats[WALK_IN] = terms.walk_in_seats
    if terms.child_seats is not None:
        seats[CHILD] = terms.child_seats
    seats |= {group_quota(each.group): each.seats for each in terms.reserved}
    taken = taken or {}
    return Quotas({name: Quota(seats.get(name, 0), taken.get(name, 0)) for name in {**seats, **taken}})


def open_seats(terms: EnrolmentTerms, capacity: int) -> int:
    return capacity - terms.walk_in_seats - sum(each.seats for each in terms.reserved)


def falls_short(quotas: Quotas) -> Refusal | None:
    """No quota has fewer seats than are taken of it. Refusal: seats-in-use."""
    for name, quota in sorted(quotas.by_name.items()):
        if quota.free < 0:
            return Refusal("seats-in-use", quota=name, taken=quota.taken, wanted=quota.seats)
    return None


def states_of(quotas: Quotas | None) -> Sequence[QuotaState]:
    named = quotas.by_name if quotas else {}
    return [QuotaState(quota=name, seats=quota.seats, taken=quota.taken) for name, quota in sorted(named.items())]
