"""Who asks: a token of ours, a login that registry knows, or the gateway's own token for somebody unknown."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contracts.refusals import Refused
from contracts.registry.v1 import Login
from services.chassis.access import Actor, decide
from services.chassis.tokens import SERVICE_SECONDS, Signer, Verifier, bearer

from .limits import Limits
from .minting import SESSION, digest
from .routing import Call

ANONYMOUS = "anonymous"
RESOLVED_SECONDS: Final = 15
"""How long an answer of registry is believed."""
TOKEN_SECONDS: Final = 28
"""How long the token inside is good. Minted once an answer, so that whoever lost an office is out within 30 seconds."""
MOST_LOGINS: Final = 20_000

Resolve = Callable[[str, str], Awaitable[Login]]
"""Asks registry of a login by its token's hash, with the gateway's own token. Raises Refused."""


@dataclass(frozen=True, slots=True)
class Known:
    """A login as registry told of it, believed until `until` (monotonic seconds)."""

    actor: Actor
    token: str
    until: float


class Identity:
    """Reads `token-keys.json` and the gateway's signing key from the secrets directory."""

    def __init__(self, secrets: Path, resolve: Resolve, limits: Limits) -> None:
        self._limits = limits
        self._verifier = Verifier(secrets / "token-keys.json")
        self._signer = Signer("gateway", secrets)
        self._resolve = resolve
        self._own = Renewed(lambda: self._signer.mint("service:gateway", ["edge"]))
        self._anonymous = Renewed(lambda: self._signer.mint(ANONYMOUS, [ANONYMOUS]))
        self._logins: OrderedDict[str, Known] = OrderedDict()

    async def admit(self, call: Call, permission: str) -> tuple[Actor, str]:
        """As `of`, for a request that needs a permission. Raises Refused also as `permit`, and `too-many-requests`."""
        authorization = call.header(b"authorization")
        actor, token = await self.of(authorization)
        permit(actor, permission)
        if authorization is not None:
            self._limits.spend(actor, permission)
        return actor, token

    async def of(self, authorization: str | None) -> tuple[Actor, str]:
        """The actor and the token to pass on. Raises Refused `unauthenticated` or `login-ended`, or `unavailable`."""
        token = self._anonymous.token if authorization is None else bearer(authorization)
        if token and token.startswith(SESSION):
            known = await self._login(digest(token))
            return known.actor, known.token
        return self._verifier.actor(token), token or ""

    async def _login(self, token_hash: str) -> Known:
        known = self._logins.get(token_hash)
        if known is None or time.monotonic() >= known.until:
            self._logins.pop(token_hash, None)
            known = self._logins[token_hash] = self._admitted(await self._resolve(token_hash, self._own.token))
            if len(self._logins) > MOST_LOGINS:
                self._logins.popitem(last=False)
        return known

    def _admitted(self, login: Login) -> Known:
        office = login.office
        roles = frozenset(function.value for function in office.functions)
        actor = Actor(str(login.person_id), roles, office.region, office.unit_id)
        token = self._signer.mint(actor.id, roles, office.region, office.unit_id, seconds=TOKEN_SECONDS)
        return Known(actor, token, time.monotonic() + RESOLVED_SECONDS)

    def token_of_client(self, client_id: str, region: str, seconds: int) -> str:
        """What an integrating system asks with: it may hear and ask in the region of its unit."""
        return self._signer.mint(f"client:{client_id}", ["integrator"], region, seconds=seconds)

    def unseal(self, text: str, purpose: str, by: str) -> dict[str, Any] | None:
        """What `by` sealed for a purpose; None for anything else, and after its time."""
        return self._verifier.unseal(text, purpose, by)

    @property
    def own_token(self) -> str:
        """By which the gateway itself asks registry."""
        return self._own.token


class Renewed:
    """A token of the gateway's own, minted anew before it ends."""

    def __init__(self, mint: Callable[[], str]) -> None:
        self._mint, self._token, self._until = mint, "", 0.0

    @property
    def token(self) -> str:
        now = time.monotonic()
        if now >= self._until:
            self._token, self._until = self._mint(), now + SERVICE_SECONDS / 2
        return self._token


def permit(actor: Actor, permission: str, region: str | None = None) -> None:
    """Raises Refused: `unauthenticated` for somebody unknown, who may log in, else `not-permitted`."""
    refusal = decide(actor, permission, region)
    if refusal is not None:
        raise Refused("unauthenticated" if ANONYMOUS in actor.roles else refusal)
