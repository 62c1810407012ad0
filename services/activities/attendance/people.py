"""Who is meant by a scan: an id, a pass, or a readable code; and whether she stands at the door now (A17, A18)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.activities.v1 import AttendanceMethod
from contracts.refusals import Refusal
from services.activities.attendance.rules import Shown
from services.activities.attendance.store import ScanKey
from services.activities.door import passes, store
from services.chassis import Transaction


@dataclass(frozen=True, slots=True)
class People:
    """`codes` are the readable codes of the sessions asked for, `repeats` who was meant by a scan that counted."""

    secret: bytes = b""
    codes: Mapping[tuple[UUID, str], passes.Place | None] = field(default_factory=dict)
    repeats: Mapping[tuple[UUID, UUID, str], UUID] = field(default_factory=dict)

    def find(self, shown: Shown) -> UUID | Refusal:
        """The person of a scan. Refusals: unknown-code, wrong-session (her pass is another session's)."""
        if shown.pass_code is None:
            return shown.person_id or Refusal("unknown-code")
        repeated = self.repeats.get((shown.client_id, shown.session_id, shown.mark.value))
        if repeated is not None:
            return repeated
        place = passes.read_qr(self.secret, shown.pass_code) or self.codes.get(
            (shown.session_id, passes.read_code(shown.pass_code))
        )
        if place is None or shown.person_id not in (None, place[1]):
            return Refusal("unknown-code")
        if place[0] != shown.session_id:
            return Refusal("wrong-session", session_id=str(place[0]))
        return place[1]

    def stands_here(self, shown: Shown, on_site_code: str | None, now: datetime) -> Refusal | None:
        """The on-site code of a new scan is that of this moment; the method `code` comes with a code.

        Refusals: code-stale, unknown-code.
        """
        if on_site_code is not None:
            return None if passes.is_fresh(self.secret, shown.session_id, on_site_code, now) else Refusal("code-stale")
        if shown.method is AttendanceMethod.CODE and shown.pass_code is None:
            return Refusal("unknown-code")
        return None


async def meet_people(tx: Transaction, scans: Sequence[Shown], on_site: bool, counted: Collection[ScanKey]) -> People:
    """Reads what the scans need to be understood; nothing where all name ids."""
    coded = [scan for scan in scans if scan.pass_code is not None]
    if not coded and not on_site:
        return People()
    repeats = {(client, session, mark): person for client, session, person, mark in counted}
    secret = await store.find_secret(tx)
    typed = {scan.session_id for scan in coded if not (scan.pass_code or "").upper().startswith(passes.PREFIX)}
    return People(secret, passes.by_code(secret, await store.list_seated(tx, typed)), repeats)
