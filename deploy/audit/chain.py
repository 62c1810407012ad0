"""Whether an audit log is what it was: rows against their chain, the chain against its anchors. Pure: no I/O.

Nothing of the database is trusted: links are computed here. What is found is named by its place in the chain, the first
bad row first.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from services.chassis.audit import START, Anchor, link

KEPT: Final = timedelta(days=1127)
"""For how long rows must be there at least (services/chassis/migrations/0004_audit.sql)."""
PATIENCE: Final = timedelta(minutes=15)
"""How old a row may be that no anchor vouches for yet."""


class Kind(StrEnum):
    """What was found."""

    ALTERED = "altered"
    """The row is not the one that was written there."""
    REMOVED = "removed"
    """There is no row at that place, and there was one."""
    ADDED = "added"
    """A second row claims a place."""
    REWRITTEN = "rewritten"
    """The chain fits, but it is not the one that was anchored: from that row on it was written anew."""
    HEAD = "head-moved"
    """The database's own note of where the log ends is not where it ends."""
    CUT = "tail-cut"
    """The log ended later than it does now."""
    TOO_EARLY = "removed-too-early"
    """Rows left before the law lets them."""
    UNANCHORED = "unanchored"
    """Rows that no anchor vouches for, though there was time."""
    FORGED = "forged-anchor"
    """An anchor that says that rows were lost knowingly, signed by nobody we know."""
    RESTORED = "restored"
    """Rows lost when the database was restored from a backup, and announced as such. Not a finding against anybody."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something at a place of the chain; `until` is the last place it is about, `row` the id of a row."""

    kind: Kind
    place: int
    until: int
    row: int | None = None
    at: datetime | None = None


@dataclass(slots=True)
class Chain:
    """Takes the rows of one log in the order of the chain. `base` is the place before the first row that is kept."""

    marked: Collection[int]
    """Places whose links are wanted: those of the anchors."""
    place: int = 0
    base: int = 0
    link: bytes = START
    rows: int = 0
    links: dict[int, bytes] = field(default_factory=dict)
    newest: datetime | None = None
    stubs: list[tuple[int, datetime | None]] = field(default_factory=list)
    """Places without a row, each with the time of the newest row before it."""
    findings: list[Finding] = field(default_factory=list)

    def take_stub(self, place: int, hash: bytes) -> None:
        """A link whose row was kept long enough; the first one is where the log begins."""
        if self.place == 0:
            self.base, self.place = place, place - 1
        self.stubs.append((place, self.newest))
        self._go_to(place, hash)

    def take(self, row: Any) -> None:
        """The next row. After a missing one the link that the next bears is believed: it is judged by the rest."""
        place, held = row["seq"], row["hash"]
        if place <= self.place:
            self.findings.append(Finding(Kind.ADDED, place, place, row["id"], row["at"]))
            return
        if place == self.place + 1 and link(self.link, place, row) != held:
            self.findings.append(Finding(Kind.ALTERED, place, place, row["id"], row["at"]))
        self.rows += 1
        self.newest = max(self.newest or row["at"], row["at"])
        self._go_to(place, held)

    def _go_to(self, place: int, held: bytes) -> None:
        if place > self.place + 1:
            self.findings.append(Finding(Kind.REMOVED, self.place + 1, place - 1))
        self.place, self.link = place, held
        if place in self.marked:
            self.links[place] = held

    def end(self, head: tuple[int, bytes] | None) -> None:
        """Compares with the head that the database remembers of itself."""
        place, held = head or (0, START)
        if place > self.place:
            self.findings.append(Finding(Kind.CUT, self.place + 1, place))
        elif (place, held) != (self.place, self.link):
            self.findings.append(Finding(Kind.HEAD, place, self.place))


def judge(chain: Chain, anchors: Sequence[Anchor], now: datetime, oldest_loose: datetime | None) -> list[Finding]:
    """Everything that is wrong, by place. `anchors` in the order in which they were made; `oldest_loose` is the time of
    the oldest row after the last one."""
    found = list(chain.findings)
    for part, following in pairwise([*_parts(anchors), []]):
        by_anchor = _judge_part(chain, part, restored=following[0] if following else None)
        found += [it for it in by_anchor if it.kind is Kind.RESTORED or not _is_explained(it, chain.findings)]
    found += [
        Finding(Kind.FORGED, it.seq, it.seq, at=it.at) for it in anchors if it.kind == "restored" and not it.signed
    ]
    young = min((it.seq for it in anchors if it.at > now - KEPT), default=None)
    found += [
        Finding(Kind.TOO_EARLY, place, place)
        for place, newest in chain.stubs
        if (young is not None and young <= place) or (newest is not None and newest > now - KEPT)
    ]
    last = max((it.seq for it in anchors), default=0)
    if oldest_loose is not None and now - oldest_loose > PATIENCE and chain.place > last:
        found.append(Finding(Kind.UNANCHORED, last + 1, chain.place))
    return sorted(found, key=lambda it: (it.kind is Kind.RESTORED, it.place))


def _is_explained(by_anchor: Finding, rows: Iterable[Finding]) -> bool:
    """Whether the rows themselves say more exactly why a link is not the one that was anchored."""
    return any(by_anchor.place <= it.place <= by_anchor.until for it in rows)


def _parts(anchors: Sequence[Anchor]) -> list[list[Anchor]]:
    """The anchors parted at each restore, which begins a part."""
    parts: list[list[Anchor]] = [[]]
    for anchor in anchors:
        if anchor.kind == "restored":
            parts.append([])
        parts[-1].append(anchor)
    return parts


def _judge_part(chain: Chain, part: Sequence[Anchor], restored: Anchor | None) -> Iterable[Finding]:
    """The anchors between two restores: before one, the last of them may vouch for rows that were lost by it."""
    good = chain.base
    first_bad: Anchor | None = None
    for anchor in part:
        if anchor.seq <= chain.base and anchor.seq not in chain.links:
            continue
        if chain.links.get(anchor.seq) == anchor.hash:
            good = max(good, anchor.seq)
            if first_bad is not None and restored is not None:
                return [Finding(Kind.REWRITTEN, first_bad.seq, first_bad.seq, at=first_bad.at)]
        elif first_bad is None:
            first_bad = anchor
    if first_bad is None:
        return []
    last = max(anchor.seq for anchor in part)
    if restored is not None:
        return [Finding(Kind.RESTORED, good + 1, last, at=restored.at)]
    if first_bad.seq > chain.place:
        return [Finding(Kind.CUT, chain.place + 1, last, at=first_bad.at)]
    return [Finding(Kind.REWRITTEN, good + 1, first_bad.seq, at=first_bad.at)]
