"""Whom to let onto the bus as a partner, and with which rights. NATS calls this auth callout (its decision ADR-26)."""

import base64
import hashlib
import json
import time
from typing import Any, Final

from nkeys import KeyPair

from contracts.refusals import Refused
from contracts.region import prefix, subject_filter
from services.chassis.access import Actor, decide
from services.chassis.tokens import Verifier

ACCOUNT: Final = "PARTNER"
PERMISSION: Final = "events.read"
SUBSCRIPTIONS: Final = 200


def heard_in(region: str) -> list[str]:
    """The subjects of every event in a region's subtree. A province is said city by city: all that it could have."""
    digits = prefix(region)
    cities = [f"{digits}{number:02}.>" for number in range(100)] if len(digits) == 2 else [subject_filter(region)]
    return [f"evt.*.*.*.*.{city}" for city in cities]


class Admission:
    """Answers the server's questions. `issuer` signs: whoever holds it decides about every account of the server."""

    def __init__(self, verifier: Verifier, issuer: KeyPair) -> None:
        self._verifier = verifier
        self._issuer = issuer

    def answer(self, question: bytes) -> tuple[bytes, str]:
        """The signed answer to one authorization request, and for the log who was let in, or the refusal's code."""
        asked = claims_of(question.decode())["nats"]
        token = str(asked["connect_opts"].get("auth_token") or "")
        try:
            actor = self._verifier.actor(token)
            denied = decide(actor, PERMISSION)
            if denied is not None:
                raise Refused(denied)
        except Refused as refused:
            code = refused.refusal.code
            return self._answered(asked, {"error": code}), code
        admitted = {"jwt": self._user(asked["user_nkey"], actor, int(claims_of(token)["exp"]))}
        return self._answered(asked, admitted), actor.id

    def _answered(self, asked: dict[str, Any], outcome: dict[str, str]) -> bytes:
        said = {"type": "authorization_response", "version": 2, **outcome}
        return self._signed({"sub": asked["user_nkey"], "aud": asked["server_id"]["id"], "nats": said}).encode()

    def _user(self, key: str, actor: Actor, expires: int) -> str:
        """A user of the partners' account who hears the actor's region and says nothing, until the token ends."""
        rights = {
            "type": "user",
            "version": 2,
            "pub": {"deny": [">"]},
            "sub": {"allow": heard_in(actor.region)},
            "subs": SUBSCRIPTIONS,
            "data": -1,
            "payload": 1024,
            "allowed_connection_types": ["STANDARD", "WEBSOCKET"],
        }
        return self._signed({"sub": key, "aud": ACCOUNT, "name": actor.id, "exp": expires, "nats": rights})

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
