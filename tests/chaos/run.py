"""One chaos run: a town lives, everything falls, then the account."""

import asyncio
import random
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx2
import nats

from contracts.catalogue import SERVICES
from deploy.local.stack import Stack
from deploy.nats.topology import service_of
from services.chassis.tokens import Signer
from tests.bench.shape import machine, tell
from tests.chaos import house
from tests.chaos.accounts import Account, draw_up
from tests.chaos.callers import ATTEMPT_SECONDS, Desk, OverHttp, OverNats
from tests.chaos.evidence import Evidence, gather
from tests.chaos.families import Family, found
from tests.chaos.faults import DECK, Faults
from tests.chaos.sampler import Sampler
from tests.chaos.witness import witness

FAMILIES: Final = 14
CALM_SECONDS: Final = 4.0
"""Before the first fault and after the last."""
ANSWERS_SECONDS: Final = 30.0
"""How long after the last fault a command may still wait for its answer."""
MOST_FINDINGS: Final = 30


@dataclass(frozen=True, slots=True)
class Run:
    """What was done and what came of it."""

    seed: int
    seconds: float
    sabotage: str
    desk: Desk
    faults: Faults
    sampler: Sampler
    evidence: Evidence
    account: Account

    @property
    def unfired(self) -> list[str]:
        """Kinds of faults that never happened: such a run proves nothing."""
        return [kind for kind in DECK if not self.faults.fired[kind]]

    @property
    def ok(self) -> bool:
        bad = self.account.lost or self.account.doubled or self.account.backwards or self.sampler.backwards
        return not bad and not self.unfired and not self.evidence.restless and self.sampler.samples > 0

    def report(self) -> dict[str, Any]:
        """The account as one JSON object."""
        account, asked = self.account, self.desk.record
        backwards = [*account.backwards, *self.sampler.backwards]
        return {
            "ok": self.ok,
            "answered": sum(each.outcome is not None for each in asked),
            "committed": sum(each["committed"] for each in account.services),
            "applied": sum(each["applied"] for each in account.consumers),
            "lost": len(account.lost),
            "doubled": len(account.doubled),
            "backwards": len(backwards),
            "quarantined": sum(each["quarantined"] for each in account.consumers),
            "kills": dict(sorted(self.faults.fired.items())),
            "unfired": self.unfired,
            "seed": self.seed,
            "seconds": self.seconds,
            "sabotage": self.sabotage,
            "quiet_after_seconds": self.evidence.quiet_after,
            "restless": self.evidence.restless,
            "unanswered": sum(each.outcome is None for each in asked),
            "retried": self.desk.retried,
            "refused": dict(Counter(each.code for each in asked if each.code)),
            "samples": self.sampler.samples,
            "services": account.services,
            "consumers": account.consumers,
            "findings": [*account.lost[:MOST_FINDINGS], *account.doubled[:MOST_FINDINGS], *backwards[:MOST_FINDINGS]],
            "machine": machine(),
        }


def run(seconds: float, seed: int, sabotage: str = "") -> Run:
    """Plays `seconds` of faults on a throw-away stack; up to two minutes more until all is quiet and counted."""
    tell(f"seed {seed}" + (f", sabotage {sabotage}" if sabotage else ""))
    with tempfile.TemporaryDirectory(prefix="linli-chaos-") as folder, house.running(Path(folder), sabotage) as stack:
        return asyncio.run(_play(stack, seconds, seed, sabotage))


async def _play(stack: Stack, seconds: float, seed: int, sabotage: str) -> Run:
    token = Signer("gateway", stack.secrets_dir).mint("chaos", ["editor", "operator", "reader"], seconds=3600)
    connection = await nats.connect(
        stack.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.5, ping_interval=2, error_cb=_expected
    )
    async with httpx2.AsyncClient(timeout=ATTEMPT_SECONDS) as client:
        http = OverHttp(client, lambda: house.gateways(stack), token, seed)
        desk = Desk([OverNats(connection, token), http], random.Random(seed))
        faults, sampler = Faults(stack, seed), Sampler(house.dsns(stack))
        town = await found(desk, datetime.now(UTC))
        watching = asyncio.create_task(sampler.watch())
        await _live_through(desk, faults, [Family(desk, town, seed + n) for n in range(FAMILIES)], seconds)
    await connection.close()
    tell(f"{len(desk.record)} commands; waiting until all is quiet")
    evidence = await gather(house.dsns(stack), stack.nats_url, faults.last_at)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    account = draw_up(desk.record, evidence, house.consumers(), _in_order())
    return Run(seed, seconds, sabotage, desk, faults, sampler, evidence, account)


async def _expected(_: Exception) -> None:
    """The connection is lost again and again: that is the point."""


async def _live_through(desk: Desk, faults: Faults, families: list[Family], seconds: float) -> None:
    """Families live while everything falls, and until each command has its answer."""
    lives = [asyncio.create_task(family.live()) for family in families]
    await asyncio.sleep(CALM_SECONDS)
    await faults.play(seconds)
    await asyncio.sleep(CALM_SECONDS)
    desk.gives_up_at = time.monotonic() + ANSWERS_SECONDS
    for family in families:
        family.stop()
    await asyncio.gather(*lives)


def _in_order() -> dict[str, bool]:
    services = [*(service_of(name) for name in SERVICES), witness]
    return {hearing.durable: hearing.in_order for service in services for hearing in service.hearings}
