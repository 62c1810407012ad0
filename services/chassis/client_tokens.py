"""Tokens of integrating systems: sealed by the gateway, opened by gateway and doorkeeper, good for no service."""

from dataclasses import dataclass
from secrets import token_hex
from typing import Final
from uuid import UUID

from .tokens import EDGE, Signer, Verifier

PREFIX: Final = "llc_"
"""How such a token begins, so that one that got lost is recognised for what it is."""
PURPOSE: Final = "client"
SECONDS: Final = 600
KEY_LETTERS: Final = 16
STALE_SECONDS: Final = 28.0
"""How long somebody goes on whom registry cannot confirm."""


@dataclass(frozen=True, slots=True)
class ClientToken:
    """Which system it is, by which of its keys it got the token, and the second of Unix time at which that ends."""

    client_id: UUID
    key: str
    expires: int


def seal(signer: Signer, client_id: UUID, secret_hash: str) -> str:
    """A token of the system that showed the secret with this hash."""
    content = {"client": str(client_id), "key": secret_hash[:KEY_LETTERS], "jti": token_hex(8)}
    return PREFIX + signer.seal(content, PURPOSE, SECONDS)


def unseal(verifier: Verifier, token: str) -> ClientToken | None:
    """What a token says; None for one that is none, or whose time is over."""
    said = verifier.unseal(token.removeprefix(PREFIX), PURPOSE, EDGE)
    return ClientToken(UUID(said["client"]), str(said["key"]), int(said["exp"])) if said else None
