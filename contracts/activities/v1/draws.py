"""Seats by lot or by need: a commitment before the window closes, the seed at the draw (A13).

Anyone recomputes a lottery from published facts alone:

1. `draw.announced` told `commitment`, `draw.held` told `seed`: `commitment == sha256(seed)`, both in hexadecimal
   digits, the seed taken as its text of 64 characters.
2. The lot of an enrolment is `sha256(f"{seed}:{enrolment_id}")` in hexadecimal digits, the id as its text with dashes.
3. The order is that of the lots, smallest first. With `need_first` it is that of the ranks first (`need_order` of the
   terms, from 0; whoever is of none of the kinds comes last), and of the lots inside a rank.
4. Seats are given in that order: all a family needs or none; who does not fit now waits in that order.

The seed was fixed before anybody entered, and the ids are chosen by those who enrol: nobody can have picked the order.
A session that is moved afterwards keeps its draw (A16). `./linli draw verify` does all this from `get-draw-record`.
"""

from uuid import UUID

from ...data import Code, Digest, EnrolmentId, Instant, SessionId
from ...message import Event, Part, Query
from .. import refusals as refusals
from .terms import AllocationMode

__all__ = [
    "DrawAnnounced",
    "DrawEntry",
    "DrawHeld",
    "DrawState",
    "GetDraw",
    "GetDrawRecord",
]


class DrawAnnounced(Event, fact="draw.announced"):
    """A session's seats will be drawn at `closes_at`; `draw_id` is the id of the session."""

    draw_id: UUID
    session_id: SessionId
    commitment: Digest
    closes_at: Instant
    allocation: AllocationMode


class DrawHeld(Event, fact="draw.held"):
    """The seed is open. `entries` are all enrolments of the draw by id; `entries_by_rank` how many had each rank.

    Which family declared which need is nobody else's business (PIPL article 28): ranks are shown to the host and
    its supervisors by `get-draw` alone. `order_digest` is sha256 over the ids in their order, joined by commas.
    """

    draw_id: UUID
    session_id: SessionId
    seed: Digest
    commitment: Digest
    allocation: AllocationMode
    entries: tuple[EnrolmentId, ...]
    entries_by_rank: tuple[int, ...]
    order_digest: Digest
    seated: int


class DrawEntry(Part):
    """`outcome` is what the draw gave: `placed`, `queued` or `not-drawn`; `seats_free` were free just before."""

    enrolment_id: EnrolmentId
    rank: int
    lot: Digest
    seats: int | None = None
    seats_free: int | None = None
    outcome: Code | None = None


class DrawState(Part):
    """`seed` and `order` once the draw is held; before it the commitment alone.

    `order` is that in which seats were given, `parted` says that quotas had a say too (A5), `queue_open` that whoever
    found no seat waits.
    """

    session_id: SessionId
    commitment: Digest
    closes_at: Instant
    allocation: AllocationMode
    held_at: Instant | None = None
    seed: Digest | None = None
    order: tuple[DrawEntry, ...] = ()
    parted: bool = False
    queue_open: bool = True
    entries: tuple[EnrolmentId, ...] = ()
    entries_by_rank: tuple[int, ...] = ()
    order_digest: Digest | None = None


class GetDraw(
    Query[DrawState],
    name="get-draw",
    permission="activities.roster.read",
    http="GET /v1/sessions/{session_id}/draw",
    refusals=("unknown-session", "no-draw"),
):
    """A draw with everything needed to recompute it, the ranks included."""

    session_id: SessionId


class GetDrawRecord(
    Query[DrawState],
    name="get-draw-record",
    permission="public",
    http="GET /v1/sessions/{session_id}/draw/record",
    refusals=("unknown-session", "no-draw"),
):
    """What a stranger needs to recompute a draw: of a lottery everything, by need first no family's rank, and so
    neither the order nor who got what; the host's `get-draw` shows them."""

    session_id: SessionId
