"""Whom to let onto the bus as a partner, and with which rights. NATS calls this auth callout (its decision ADR-26)."""

import base64
import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any, Final

from nkeys import KeyPair

from contracts.refusals import Refused
from contracts.region import prefix, subject_filter
from services.chassis import client_tokens
from services.chassis.access import Actor, decide
from services.chassis.tokens import Verifier

from .presence import ACCOUNT, Confirm, name_of

PERMISSION: Final = "events.read"
SUBSCRIPTIONS: Final = 200


def heard_in(region: str) -> list[str]:
    """The subjects of every event in a region's subtree. A province is said city by city: all that it could have."""
    digits = prefix(region)
    cities = [f"{digits}{number:02}.>" for number in range(100)] if len(digits) == 2 else [subject_filter(region)]
    return [f"evt.*.*.*.*.{city}" for city in cities]


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is let in, under which name, and until when (seconds of Unix time)."""

    actor: Actor
    name: str
    expires: int


class Admission:
    """Answers the server's questions. `issuer` signs: whoever holds it decides about every account of the server."""

    def __init__(self, verifier: Verifier, issuer: KeyPair, confirm: Confirm) -> None:
        self._verifier = verifier
        self._issuer = issuer
        self._confirm = confirm

    async def answer(self, question: bytes) -> tuple[bytes, str]:
        """The signed answer to one authorization request, and for the log who was let in, or the refusal's code."""
        asked = claims_of(question.decode())["nats"]
        try:
            guest = await self._guest(str(asked["connect_opts"].get("auth_token") or ""))
            denied = decide(guest.actor, PERMISSION)
            if denied is not None:
                raise Refused(denied)
        except Refused as refused:
            code = refused.refusal.code
            return self._answered(asked, {"error": code}), code
        return self._answered(asked, {"jwt": self._user(asked["user_nkey"], guest)}), guest.actor.id

    async def _guest(self, token: str) -> Guest:
        """Who shows the token: a system that registry confirms, or whoever was given one by an operator."""
        if not token.startswith(client_tokens.PREFIX):
            actor = self._verifier.actor(token)
            return Guest(actor, actor.id, int(claims_of(token)["exp"]))
        said = client_tokens.unseal(self._verifier, token)
        if said is None:
            raise Refused("unauthenticated")
        client = await self._confirm(said.client_id, said.key)
        actor = Actor(f"client:{said.client_id}", frozenset({"integrator"}), client.region)
        return Guest(actor, name_of(said, client.region), said.expires)

    def _answered(self, asked: dict[str, Any], outcome: dict[str, str]) -> bytes:
        said = {"type": "authorization_response", "version": 2, **outcome}
        return self._signed({"sub": asked["user_nkey"], "aud": asked["server_id"]["id"], "nats": said}).encode()

    def _user(self, key: str, guest: Guest) -> str:
        """A user of the partners' account who hears the guest's region and says nothing, until the token ends."""
        rights = {
            "type": "user",
            "version": 2,
            "pub": {"deny": [">"]},
            "sub": {"allow": heard_in(guest.actor.region)},
            "subs": SUBSCRIPTIONS,
            "data": -1,
            "payload": 1024,
            "allowed_connection_types": ["STANDARD", "WEBSOCKET"],
        }
        return self._signed({"sub": key, "aud": ACCOUNT, "name": guest.name, "exp": guest.expires, "nats": rights})

    def _signed(self, claims: dict[str, Any]) -> str:
        """A NATS JWT: like any other, but for its algorithm's name and an id that is a digest of the rest."""
        whole = {**claims, "iss": self._issuer.public_key.decode(), "iat": int(time.time())}
        whole["jti"] = _text(hashlib.sha256(json.dumps(whole).encode()).digest())
        head = {"typ": "JWT", "alg": "ed25519-nkey"}
        signed = f"{_text(json.dumps(head).encode())}.{_text(json.dumps(whole).encode())}"
        return f"{signed}.{_text(self._issuer.sign(signed.encode()))}"


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says; its signature is not looked at: the server's comes on a subject only the server may use."""
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
