"""Who asks, and may they: short-lived Ed25519 tokens and one pure decision (architecture section 7)."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from contracts.refusals import Refusal, Refused
from contracts.region import NOWHERE, covers

from .logs import kind_of, log

ALGORITHM: Final = "Ed25519"
AUDIENCE: Final = "linli"
SERVICE_SECONDS: Final = 600
EDGE: Final = "gateway"
"""Who turns logins into tokens."""
RELOAD_SECONDS: Final = 5.0
"""How often a file of keys is looked at: a new key signs once it was known for longer than that."""

_READS = frozenset(
    {
        "public",
        "registry.read",
        "activities.roster.read",
        "activities.counts.read",
        "volunteers.hours.read",
        "notify.read",
        "events.read",
        "operations.read",
        "account.own",
    }
)
_EDITS = frozenset(
    {
        "registry.units.register",
        "registry.sites.open",
        "registry.people.register",
        "registry.people.correct",
        "registry.people.restrict",
        "registry.consents.record",
        "registry.records.read",
        "registry.records.request",
        "registry.records.break-glass",
        "registry.requests.file",
        "activities.plan",
        "activities.enrol",
        "activities.enrolments.decide",
        "activities.attendance",
        "activities.custody",
        "activities.health.read",
        "activities.passes.issue",
        "activities.visits.record",
        "activities.visits.read",
        "activities.count",
        "activities.feedback.give",
        "activities.feeds.manage",
        "activities.certificates.request",
        "volunteers.teams.register",
        "volunteers.register",
        "volunteers.clearances.record",
        "volunteers.plan",
        "volunteers.serve",
        "notify.inbox.read",
    }
)
GRANTS: Final[Mapping[str, frozenset[str]]] = {
    "anonymous": frozenset({"public"}),
    "reader": _READS,
    "auditor": _READS | {"audit.read", "registry.records.read-accesses"},
    "editor": _READS | _EDITS,
    "approver": _READS
    | {
        "registry.appointments.decide",
        "registry.people.restrict",
        "registry.people.export",
        "registry.people.erase",
        "registry.requests.file",
        "registry.requests.answer",
        "registry.appointments.delegate",
        "activities.enrolments.decide",
        "activities.appeals.decide",
        "registry.privacy-notices.publish",
        "registry.records.approve",
        "registry.records.read-accesses",
        "volunteers.hours.approve",
        "volunteers.certificates.issue",
        "activities.periods.close",
        "activities.visits.read",
        "activities.counts.correct",
    },
    "operator": _READS
    | {
        "registry.divisions.import",
        "registry.accounts.manage",
        "activities.calendar.announce",
        "notify.endpoints.manage",
        "operations.manage",
    },
    "integrator": frozenset(
        {
            "public",
            "registry.read",
            "events.read",
            "activities.enrol",
            "activities.attendance",
            "activities.counts.read",
            "activities.feedback.give",
            "notify.endpoints.manage",
        }
    ),
    "edge": frozenset({"registry.logins.resolve", "activities.offers.decline-by-link", "activities.feeds.read"}),
    "service": frozenset(
        {"public", "registry.read", "registry.contacts.read", "people.held.read", "people.keys.derive"}
    ),
}
"""What each role may do; a permission in no row is allowed to nobody."""
FUNCTIONS: Final = ("reader", "editor", "approver", "auditor", "operator")
"""The roles that follow from an office; the others are those of machines and of somebody unknown."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an id (a person's or `service:<name>`), the roles, and the region whose subtree she acts in."""

    id: str
    roles: frozenset[str]
    region: str = NOWHERE
    unit: UUID | None = None


@cache
def _granted(roles: frozenset[str]) -> frozenset[str]:
    """What the roles together may do. Kept, because GRANTS never changes in a running process."""
    return frozenset().union(*(GRANTS.get(role, frozenset()) for role in roles))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the case itself says of whoever asks.

    `own`: it is her own request, or that of somebody whose duty she does. `protected`: it is a minor's record.
    `opened`: it is open to her now, on somebody else's approval or by break-glass.
    """

    own: bool = False
    protected: bool = False
    opened: bool = False


NO_FACTS: Final = Facts()
BY_ANOTHER: Final = {"registry.records.approve", "registry.requests.answer"}
"""Permissions to decide on what another asked for: nobody holds them over her own request."""
ON_APPROVAL: Final = {"registry.records.read"}
"""Permissions that hold for a minor's record only while it is opened (minors' network protection regulations, 36)."""
FORBIDDEN: Final = frozenset({"not-permitted", "own-request", "approval-needed"})
"""The reasons of a denial: who asked for what she may not is counted in the audit log."""


def decide(actor: Actor, permission: str, region: str | None = None, facts: Facts = NO_FACTS) -> Refusal | None:
    """The one decision: None allows; a refusal says which permission at which region was missing, and who has it.

    Without a region only the permission is decided; what is then said or shown is bound to the region later. Where
    role and region allow, the facts of the case may still forbid: own-request, approval-needed.
    """
    allowed = permission in _granted(actor.roles)
    if not allowed or (region is not None and not covers(actor.region, region)):
        return denial(permission, region or actor.region)
    if facts.own and permission in BY_ANOTHER:
        return Refusal("own-request", permission=permission, region=region)
    if facts.protected and not facts.opened and permission in ON_APPROVAL:
        return Refusal("approval-needed", permission=permission, region=region)
    return None


def denial(permission: str, region: str) -> Refusal:
    """What was missing where, and which functions have it."""
    return Refusal("not-permitted", permission=permission, region=region, functions=functions_with(permission))


def functions_with(permission: str) -> str:
    """The functions of office that hold a permission, as a person may be granted them; `-` where none does."""
    return ", ".join(name for name in FUNCTIONS if permission in GRANTS[name]) or "-"


class Signer:
    """Signs with the issuer's own key, whose file is read again when it changes (rotation): in the folder of one
    process `token-signing.jwk`, in the administrator's `token-signing-<issuer>.jwk`. Raises FileNotFoundError."""

    def __init__(self, issuer: str, secrets: Path) -> None:
        named = secrets / f"token-signing-{issuer}.jwk"
        self._file = named if named.exists() else secrets / "token-signing.jwk"
        self._issuer = issuer
        self._modified = self._checked = 0.0
        self._read = self._key

    @property
    def _key(self) -> OKPKey:
        now = time.monotonic()
        if now - self._checked > RELOAD_SECONDS or not self._modified:
            self._checked = now
            modified = self._file.stat().st_mtime
            if modified != self._modified:
                self._read, self._modified = OKPKey.import_key(json.loads(self._file.read_text())), modified
        return self._read

    def mint(
        self,
        subject: str,
        roles: Iterable[str],
        region: str = NOWHERE,
        unit: UUID | None = None,
        seconds: int = SERVICE_SECONDS,
    ) -> str:
        """A signed token of the actor, good for `seconds`."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": subject,
            "roles": sorted(roles),
            "region": region,
            "iat": now,
            "exp": now + seconds,
        }
        if unit is not None:
            claims["unit"] = str(unit)
        return self._encode(claims)

    def seal(self, content: Mapping[str, str], purpose: str, seconds: int) -> str:
        """Signed text that `Verifier.unseal` opens for the same purpose alone, and no service takes for a token."""
        return self.sign({**content, "exp": int(time.time()) + seconds}, purpose)

    def sign(self, content: Mapping[str, Any], purpose: str) -> str:
        """Signed text without an end, for what is kept for years; no service takes it for a token."""
        return self._encode({**content, "iss": self._issuer, "aud": f"{AUDIENCE}:{purpose}"})

    def _encode(self, claims: dict[str, Any]) -> str:
        key = self._key
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])

    def service_token(self) -> str:
        """A token by which a service asks another one."""
        return self.mint(f"service:{self._issuer}", ["service"])


class PublicKeys:
    """The public keys of one or more JWK sets, and whose each of them is (its member `iss`)."""

    def __init__(self, *files: Path) -> None:
        keys = [key for file in files if file.exists() for key in json.loads(file.read_text("utf-8"))["keys"]]
        self._keys = KeySet([OKPKey.import_key(key) for key in keys])
        self._issuers = {key["kid"]: key.get("iss") for key in keys}

    def open(self, text: str) -> tuple[dict[str, Any], str | None]:
        """The claims of a signed text and whose key signed it, None for a key that was everybody's.

        Raises ValueError for what none of the keys signed, or one of somebody else than the claims say.
        """
        try:
            token = jwt.decode(text, self._keys, algorithms=[ALGORITHM])
            owner = self._issuers[token.header["kid"]]
            claims: dict[str, Any] = token.claims
        except (JoseError, KeyError) as error:
            raise ValueError("not signed by a known key") from error
        if owner is not None and claims.get("iss") != owner:
            raise ValueError("signed in the name of another")
        return claims, owner


class Verifier:
    """Turns a token into its actor. Public keys are read from a file and read again when it changes (rotation)."""

    def __init__(self, keys_file: Path) -> None:
        self._file = keys_file
        self._keys = PublicKeys()
        self._modified = 0.0
        self._checked = 0.0
        self._known: dict[str, tuple[float, Actor]] = {}

    def actor(self, token: str | None) -> Actor:
        """The actor of a valid token. Raises Refused("unauthenticated") for anything else."""
        if not token:
            raise Refused("unauthenticated")
        now = time.time()
        self._reload(now)
        known = self._known.get(token)
        if known is not None and now < known[0]:
            return known[1]
        expires, actor = self._verify(token, now)
        if len(self._known) > 20_000:
            self._known.clear()
        self._known[token] = (expires, actor)
        return actor

    def unseal(self, text: str, purpose: str, by: str) -> dict[str, Any] | None:
        """The content that `by` sealed for this purpose and whose time is not over; else None."""
        now = time.time()
        self._reload(now)
        try:
            claims, issuer = self._keys.open(text)
        except ValueError:
            return None
        good = claims.get("aud") == f"{AUDIENCE}:{purpose}" and float(claims.get("exp", 0)) > now
        return claims if good and issuer == by else None

    def _reload(self, now: float) -> None:
        if now - self._checked <= RELOAD_SECONDS:
            return
        self._checked = now
        try:
            modified = self._file.stat().st_mtime
            if modified != self._modified:
                self._keys, self._modified = PublicKeys(self._file), modified
                self._known.clear()
        except (OSError, ValueError, KeyError, TypeError, JoseError) as error:  # being written, perhaps
            log.error("the keys of tokens cannot be read, those known so far hold", error=kind_of(error))

    def _verify(self, token: str, now: float) -> tuple[float, Actor]:
        try:
            claims, issuer = self._keys.open(token)
            expires = float(claims["exp"])
            if claims["aud"] != AUDIENCE or expires <= now or float(claims["iat"]) > now + 60:
                raise Refused("unauthenticated")
            roles = frozenset(str(role) for role in claims["roles"])
            if not may_mint(issuer, str(claims["sub"]), roles):
                raise Refused("unauthenticated")
            unit = UUID(claims["unit"]) if claims.get("unit") else None
            return expires, Actor(str(claims["sub"]), roles, str(claims["region"]), unit)
        except (KeyError, TypeError, ValueError):
            raise Refused("unauthenticated") from None


def may_mint(issuer: str | None, subject: str, roles: frozenset[str]) -> bool:
    """Whose tokens the key of an issuer may sign: the gateway's those of all but services, a service's its own."""
    if issuer == EDGE:
        return "service" not in roles
    return issuer is not None and roles == {"service"} and subject == f"service:{issuer}"


def bearer(header: str | None) -> str | None:
    """The token of an `Authorization: Bearer …` header."""
    return header[7:].strip() if header and header[:7].lower() == "bearer " else None
