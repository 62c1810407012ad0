"""Reads an audit log from end to end and says what is wrong with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from deploy.audit.chain import Chain, Finding, Kind, judge
from services.chassis.audit import Anchor
from services.chassis.database import Connection

PAGE: Final = 2_000
HEAD: Final = "SELECT seq, hash FROM audit_head"
COUNT: Final = "SELECT count(*) FROM audit WHERE seq IS NOT NULL"
STUBS: Final = "SELECT seq, hash FROM audit_stub ORDER BY seq"
ROWS: Final = """
SELECT id, at, action, actor, about, thing, region, reason, cause, times, seq, hash FROM audit
WHERE (seq, id) > ($1, $2) ORDER BY seq, id LIMIT $3
"""
LOOSE: Final = "SELECT count(*) FROM audit WHERE seq IS NULL"
OLDEST_AFTER: Final = "SELECT min(at) FROM audit WHERE seq > $1"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a log was found. `unsealed` rows were written a moment ago and are not in the chain yet."""

    service: str
    rows: int
    head: int
    anchors: int
    anchored: int
    unsealed: int
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nobody touched it. A restore that was announced is told, and is nobody's fault."""
        return all(finding.kind is Kind.RESTORED for finding in self.findings)


async def verify(
    database: Connection, service: str, anchors: Sequence[Anchor], tell: Callable[[int], None] = lambda _: None
) -> Verdict:
    """The verdict on one log; the anchors must have been read before. `tell` hears how many rows are read."""
    async with database.transaction(isolation="repeatable_read", readonly=True):
        head = await database.fetchrow(HEAD)
        chain = Chain({anchor.seq for anchor in anchors})
        await _read(database, chain, tell)
        chain.end((head["seq"], head["hash"]) if head else None)
        anchored = max((anchor.seq for anchor in anchors), default=0)
        oldest: datetime | None = await database.fetchval(OLDEST_AFTER, anchored)
        loose: int = await database.fetchval(LOOSE)
    findings = judge(chain, anchors, datetime.now(UTC), oldest)
    return Verdict(service, chain.rows, chain.place, len(anchors), anchored, loose, findings)


async def _read(database: Connection, chain: Chain, tell: Callable[[int], None]) -> None:
    """Hands rows and stubs to the chain, by place."""
    stubs = [(row["seq"], row["hash"]) for row in await database.fetch(STUBS)]
    after: tuple[int, int] = (0, 0)
    while rows := await database.fetch(ROWS, *after, PAGE):
        for row in rows:
            while stubs and stubs[0][0] <= row["seq"]:
                chain.take_stub(*stubs.pop(0))
            chain.take(row)
        after = rows[-1]["seq"], rows[-1]["id"]
        tell(chain.rows)
    for stub in stubs:
        chain.take_stub(*stub)


def told(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON."""
    findings = [
        {"kind": it.kind.value, "place": it.place, "until": it.until, "row": it.row, "at": it.at and it.at.isoformat()}
        for it in verdict.findings
    ]
    return {
        "service": verdict.service,
        "whole": verdict.whole,
        "rows": verdict.rows,
        "head": verdict.head,
        "anchors": verdict.anchors,
        "anchored": verdict.anchored,
        "unsealed": verdict.unsealed,
        "findings": findings,
    }
