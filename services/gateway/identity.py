"""Who asks: a login or a system that registry knows, a token of ours, or the gateway's own for somebody unknown."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from contracts.refusals import Refused
from contracts.registry.v1 import ClientState, Login
from services.chassis import client_tokens
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
MOST_KNOWN: Final = 20_000

Resolve = Callable[[str, str], Awaitable[Login]]
"""Asks registry of a login by its token's hash, with the gateway's own token. Raises Refused."""
Confirm = Callable[[UUID, str, str], Awaitable[ClientState]]
"""Asks registry of a system by its id and the name of its key, with the gateway's own token. Raises Refused."""


@dataclass(frozen=True, slots=True)
class Known:
    """A login or a system as registry told of it, believed until `until` (monotonic seconds)."""

    actor: Actor
    token: str
    until: float


class Identity:
    """Reads `token-keys.json` and the gateway's signing key from the secrets directory."""

    def __init__(self, secrets: Path, resolve: Resolve, confirm: Confirm, limits: Limits) -> None:
        self._limits = limits
        self._verifier = Verifier(secrets / "token-keys.json")
        self._signer = Signer("gateway", secrets)
        self._resolve, self._confirm = resolve, confirm
        self._own = Renewed(lambda: self._signer.mint("service:gateway", ["edge"]))
        self._anonymous = Renewed(lambda: self._signer.mint(ANONYMOUS, [ANONYMOUS]))
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._forgotten: list[str] = []
        self._forgets = 0

    async def admit(self, call: Call, permission: str) -> tuple[Actor, str]:
        """As `of`, for a request that needs a permission. Raises Refused also as `permit`, and `too-many-requests`."""
        authorization = call.header(b"authorization")
        actor, token = await self.of(authorization, call.address)
        permit(actor, permission)
        if authorization is not None:
            self._limits.spend(actor, permission)
        return actor, token

    async def of(self, authorization: str | None, address: str | None = None) -> tuple[Actor, str]:
        """The actor and the token to pass on. Raises Refused `unauthenticated`, `login-ended`, `client-key-ended`, or
        `unavailable`; `too-many-requests` for a token never seen, from an address that showed too many that are none.
        """
        token = self._anonymous.token if authorization is None else bearer(authorization)
        if token and token.startswith(SESSION):
            known = await self._remembered(token, self._login, address)
            return known.actor, known.token
        if token and token.startswith(client_tokens.PREFIX):
            known = await self._remembered(token, self._client, address)
            return known.actor, known.token
        return self._verifier.actor(token), token or ""

    async def _remembered(self, token: str, ask: Callable[[str], Awaitable[Known]], address: str | None) -> Known:
        """What registry said of the token not long ago, or says now."""
        place = digest(token)
        known = self._known.get(place)
        if known is not None and time.monotonic() < known.until:
            return known
        if known is None and address is not None:
            self._limits.hold_up(address)
        forgets = self._forgets
        try:
            known = await ask(token)
        except Refused as refused:
            if refused.refusal.code != "unavailable":
                self._known.pop(place, None)
            raise
        if self._forgets != forgets:  # perhaps this one, and what registry said is of before
            return known
        self._known[place] = known
        self._known.move_to_end(place)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return known

    def forget(self, token_hash: str) -> None:
        """Registry is asked anew of a login whose office or end its holder has just changed, here and, once they are
        told, at the other gateways."""
        self.hear_forgotten([token_hash])
        self._forgotten.append(token_hash)

    def tell_forgotten(self) -> list[str]:
        """What was forgotten since the last time."""
        told, self._forgotten = self._forgotten, []
        return told

    def hear_forgotten(self, hashes: Iterable[str]) -> None:
        """What another gateway told."""
        for place in hashes:
            self._forgets += 1
            self._known.pop(place, None)

    async def _login(self, token: str) -> Known:
        login = await self._resolve(digest(token), self._own.token)
        office = login.office
        roles = frozenset(function.value for function in office.functions)
        return self._admitted(Actor(str(login.person_id), roles, office.region, office.unit_id), RESOLVED_SECONDS)

    async def _client(self, token: str) -> Known:
        """It may hear and ask in the region of its unit."""
        said = client_tokens.unseal(self._verifier, token)
        if said is None:
            raise Refused("unauthenticated")
        client = await self._confirm(said.client_id, said.key, self._own.token)
        actor = Actor(f"client:{said.client_id}", frozenset({"integrator"}), client.region)
        return self._admitted(actor, min(RESOLVED_SECONDS, said.expires - time.time()))

    def _admitted(self, actor: Actor, seconds: float) -> Known:
        token = self._signer.mint(actor.id, actor.roles, actor.region, actor.unit, seconds=TOKEN_SECONDS)
        return Known(actor, token, time.monotonic() + seconds)

    def token_of_client(self, client_id: UUID, secret_hash: str) -> str:
        """What an integrating system asks with that showed the secret with this hash."""
        return client_tokens.seal(self._signer, client_id, secret_hash)

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
