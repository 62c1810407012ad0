"""Recomputes a draw from its public record: the recipe of contracts/activities/v1/draws.py, step by step (A13).

Written anew from the recipe and sharing no code with the service that holds draws: else both could be wrong alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from contracts.activities.v1 import AllocationMode, DrawEntry, DrawState
from deploy.local.words import say

PLACED, QUEUED, NOT_DRAWN = "placed", "queued", "not-drawn"


@dataclass(frozen=True, slots=True)
class Finding:
    """A step of the recipe: what was checked, and what does not agree; `open` steps could not be checked from here."""

    step: str
    wrong: tuple[str, ...] = ()
    open: str | None = None


def check(record: DrawState, noted: str | None = None) -> list[Finding]:
    """Every step of the recipe. `noted` is the commitment that somebody wrote down before the draw."""
    if record.seed is None:
        kept = Finding("commitment", tuple(_noted(record, noted)), open=None if noted else "seed-not-shown-yet")
        return [kept, Finding("draw", open="not-held-yet")]
    found = [Finding("commitment", (*_noted(record, noted), *_commitment(record)))]
    if not record.order:
        by_need = record.allocation is not AllocationMode.LOTTERY and bool(record.entries)
        return [*found, Finding("order", open="ranks-are-not-public" if by_need else "nobody-entered")]
    found.append(Finding("lots", tuple(_lots(record, record.seed))))
    found.append(Finding("order", tuple(_order(record))))
    if record.parted:
        found.append(Finding("seats", tuple(_overfull(record.order)), open="quotas-had-a-say"))
    else:
        found.append(Finding("seats", tuple(_seats(record))))
    return found


def _noted(record: DrawState, noted: str | None) -> Iterator[str]:
    if noted is not None and noted != record.commitment:
        yield say(
            f"公布的承诺是 {record.commitment},不是事先记下的 {noted}",
            f"commitment is {record.commitment}, not {noted} as was noted before",
        )


def _commitment(record: DrawState) -> Iterator[str]:
    made = sha256((record.seed or "").encode()).hexdigest()
    if made != record.commitment:
        yield say(
            f"种子的散列是 {made},承诺的是 {record.commitment}",
            f"the seed hashes to {made}, committed was {record.commitment}",
        )


def _lots(record: DrawState, seed: str) -> Iterator[str]:
    for each in record.order:
        lot = sha256(f"{seed}:{each.enrolment_id}".encode()).hexdigest()
        if lot != each.lot:
            yield say(
                f"{each.enrolment_id} 的签号记为 {each.lot[:12]}…,应为 {lot[:12]}…",
                f"{each.enrolment_id} has the lot {each.lot[:12]}…, its own is {lot[:12]}…",
            )


def _order(record: DrawState) -> Iterator[str]:
    """The families in the order of rank and lot, each once; of a lottery all have the rank 0."""
    if record.allocation is AllocationMode.LOTTERY and any(each.rank for each in record.order):
        yield say("抽签不分类别,记录中却有类别", "a lottery knows no ranks")
    due = sorted(record.order, key=lambda each: (each.rank, each.lot))
    for place, (is_there, belongs) in enumerate(zip(record.order, due, strict=True), 1):
        if is_there.enrolment_id != belongs.enrolment_id:
            yield say(
                f"第 {place} 位给了 {is_there.enrolment_id},应为 {belongs.enrolment_id}",
                f"place {place} went to {is_there.enrolment_id}, it is that of {belongs.enrolment_id}",
            )
    if sorted(each.enrolment_id for each in record.order) != sorted(record.entries):
        yield say(
            "有报名者未参加抽签,或有人未报名却参加", "not everybody who entered was drawn, or somebody who did not"
        )
    digest = sha256(",".join(str(each.enrolment_id) for each in due).encode()).hexdigest()
    if digest != record.order_digest:
        yield say(
            f"次序的散列是 {digest},公布的是 {record.order_digest}",
            f"the order hashes to {digest}, published was {record.order_digest}",
        )


def _seats(record: DrawState) -> Iterator[str]:
    """In that order each family gets all its seats or none; who does not fit waits, or goes where nobody waits."""
    due = sorted(record.order, key=lambda each: (each.rank, each.lot))
    free = whole = due[0].seats_free or 0
    for each in due:
        fits = each.seats is not None and each.seats <= free
        outcome = PLACED if fits else QUEUED if record.queue_open else NOT_DRAWN
        never = (
            each.outcome == NOT_DRAWN and (each.seats or 0) > whole
        )  # a family larger than the session waits in vain
        if each.outcome != outcome and not never:
            yield say(
                f"{each.enrolment_id}(需 {each.seats},空 {free})结果为 {each.outcome},应为 {outcome}",
                f"{each.enrolment_id} ({each.seats} of {free} free) was {each.outcome}, due was {outcome}",
            )
        free -= (each.seats or 0) if fits else 0


def _overfull(order: Sequence[DrawEntry]) -> Iterator[str]:
    """Quotas or not, nobody sits on a seat that is not free."""
    for each in order:
        if each.outcome == PLACED and (each.seats or 0) > (each.seats_free or 0):
            yield say(
                f"{each.enrolment_id} 得 {each.seats} 个名额,当时只空 {each.seats_free}",
                f"{each.enrolment_id} got {each.seats} seats of {each.seats_free}",
            )
