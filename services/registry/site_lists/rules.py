"""What a row of a site list becomes. No I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from contracts.data import SiteType
from contracts.refusals import Refusal
from contracts.registry.v1 import ImportSites, OpeningHours, RoomPlan, SiteRow, SiteState


@dataclass(frozen=True, slots=True)
class Draft:
    """A row with the plan of its list; `region` is None until a division is certain."""

    site_id: UUID
    name: str
    site_type: SiteType
    unit_id: UUID
    place: str
    within: str
    capacity: int
    hours: tuple[OpeningHours, ...]
    region: str | None = None

    @classmethod
    def of(cls, row: SiteRow, command: ImportSites) -> Self:
        return cls(
            row.site_id,
            row.name,
            row.site_type,
            row.unit_id,
            row.place,
            command.within,
            command.capacity,
            command.hours,
        )

    def is_copy_of(self, other: "Draft") -> bool:
        """True when the same row was imported with the same plan, whatever became of it."""
        return self.placed(None) == other.placed(None)

    def placed(self, region: str | None) -> "Draft":
        return replace(self, region=region)

    def to_site(self, region: str, room_id: UUID) -> SiteState:
        """The site this row opens: one room, named like the site, with all the seats."""
        return SiteState(
            site_id=self.site_id,
            name=self.name,
            site_type=self.site_type,
            unit_id=self.unit_id,
            centre_id=None,
            region=region,
            status="opened",
            rooms=(RoomPlan(room_id=room_id, name=self.name, capacity=self.capacity),),
            hours=self.hours,
            version=1,
        )


def sort_rows(
    drafts: Sequence[Draft], known: Mapping[UUID, Draft], taken: set[UUID]
) -> tuple[Sequence[Draft], Refusal | None]:
    """The rows that are new; a row that came before must be the same as then.

    `known` are rows of earlier lists by site, `taken` the ids of sites. Refusal: site-exists.
    """
    fresh: dict[UUID, Draft] = {}
    for draft in drafts:
        former = known.get(draft.site_id) or fresh.get(draft.site_id)
        if (former is None and draft.site_id in taken) or (former is not None and not draft.is_copy_of(former)):
            return (), Refusal("site-exists", site_id=str(draft.site_id))
        if former is None:
            fresh[draft.site_id] = draft
    return tuple(fresh.values()), None
