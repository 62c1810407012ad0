"""Who asks: the token of a request, or the gateway's own token for somebody unknown."""

import time
from pathlib import Path

from contracts.refusals import Refused
from services.chassis.access import SERVICE_SECONDS, Actor, Signer, Verifier, bearer, decide

ANONYMOUS = "anonymous"


class Identity:
    """Reads `token-keys.json` and the gateway's signing key from the secrets directory."""

    def __init__(self, secrets: Path) -> None:
        self._verifier = Verifier(secrets / "token-keys.json")
        self._signer = Signer("gateway", secrets)
        self._anonymous = ""
        self._renew_at = 0.0

    def of(self, authorization: str | None) -> tuple[Actor, str]:
        """The actor and the token to pass on. Raises Refused `unauthenticated` for a bad token."""
        token = self._nobody() if authorization is None else bearer(authorization)
        return self._verifier.actor(token), token or ""

    def _nobody(self) -> str:
        now = time.monotonic()
        if now >= self._renew_at:
            self._anonymous = self._signer.mint(ANONYMOUS, [ANONYMOUS])
            self._renew_at = now + SERVICE_SECONDS / 2
        return self._anonymous


def permit(actor: Actor, permission: str, region: str | None = None) -> None:
    """Raises Refused: `unauthenticated` for somebody unknown, who may log in, else `not-permitted`."""
    refusal = decide(actor, permission, region)
    if refusal is not None:
        raise Refused("unauthenticated" if ANONYMOUS in actor.roles else refusal)
