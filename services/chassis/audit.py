"""The chain of the audit log, as whoever verifies it computes it anew, and its head as it is anchored outside.

A row's link is the SHA-256 of the link before it and of the row's text (migrations/0004_audit.sql: `audit_text`).
The chain shows that a row was edited, moved, added or taken out; that its end was cut off, or all of it written anew,
shows an anchor: the head's number and link, signed, in a stream of the bus that nobody may delete from.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from joserfc import jws
from joserfc.errors import JoseError

from .tokens import AUDIENCE, PublicKeys, Signer

PURPOSE: Final = "audit-anchor"
START: Final = hashlib.sha256(b"").digest()
"""What the first row is linked to."""
TEXT: Final = ("action", "actor", "about", "thing", "region", "reason", "cause", "times")
"""The columns of a row's text, in order, after its place, id and time."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
RETIRED_KEYS: Final = "audit-keys.json"
"""Beside `token-keys.json`: public keys that sign no more, and signed anchors that are kept."""


def link(before: bytes, place: int, row: Any) -> bytes:
    """The link of a row, a record or a mapping, at its place in the chain."""
    moment = (row["at"] - EPOCH) // timedelta(microseconds=1)
    rest = ("" if row[name] is None else str(row[name]) for name in TEXT)
    return hashlib.sha256(before + "|".join((str(place), str(row["id"]), str(moment), *rest)).encode()).digest()


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of a service's audit log as it was at a moment; `restored` says that rows after it were lost knowingly.

    `signed` is false where the signature is nobody's that we know.
    """

    service: str
    seq: int
    hash: bytes
    at: datetime
    kind: Literal["schedule", "restored"] = "schedule"
    signed: bool = True

    def sign(self, signer: Signer) -> str:
        """The anchor as text (JWS)."""
        content = {"service": self.service, "seq": self.seq, "hash": self.hash.hex(), "kind": self.kind}
        return signer.sign({**content, "at": self.at.isoformat()}, PURPOSE)


def read_anchor(text: str, keys: PublicKeys) -> Anchor:
    """The anchor of a text, signed only if its own service signed it. Raises ValueError for what is none."""
    claims: Mapping[str, Any]
    try:
        claims, issuer = keys.open(text)
        signed = claims.get("aud") == f"{AUDIENCE}:{PURPOSE}" and issuer in (None, claims.get("service"))
    except ValueError:
        signed = False
        claims = _unsigned(text)
    try:
        kind: Literal["schedule", "restored"] = "restored" if claims["kind"] == "restored" else "schedule"
        at = datetime.fromisoformat(claims["at"])
        return Anchor(str(claims["service"]), int(claims["seq"]), bytes.fromhex(claims["hash"]), at, kind, signed)
    except (KeyError, TypeError) as error:
        raise ValueError("not an anchor") from error


def _unsigned(text: str) -> Mapping[str, Any]:
    try:
        content = json.loads(jws.extract_compact(text.encode()).payload)
    except JoseError as error:
        raise ValueError("not an anchor") from error
    return content if isinstance(content, dict) else {}


def anchor_keys(secrets: Path) -> PublicKeys:
    """The public keys by which anchors are verified: those in use, and those that signed before."""
    return PublicKeys(secrets / "token-keys.json", secrets / RETIRED_KEYS)
