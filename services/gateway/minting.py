"""Secrets that the gateway makes for a caller: the service gets the hash alone, the caller alone the secret."""

import secrets
from hashlib import sha256
from typing import Any, Final, get_origin

from pydantic_core import from_json, to_json

from contracts.message import Command

SESSION: Final = "lls_"
"""How a session token begins, so that one that got lost is recognised for what it is."""
CODES: Final = 8
CODE_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"

Secret = str | list[str]


def mint(kind: type[Command[Any]], body: bytes) -> tuple[Secret | None, bytes]:
    """A fresh secret and the body with its hash; None and the body as it is where the caller brought a hash."""
    field = kind.contract.mints
    try:
        fields = from_json(body or b"{}")
    except ValueError:
        return None, body  # refused where every body is read
    if not field or not isinstance(fields, dict) or field in fields:
        return None, body
    if get_origin(kind.model_fields[field].annotation) is tuple:
        codes = [_code() for _ in range(CODES)]
        return codes, to_json({**fields, field: [digest(code) for code in codes]})
    token = SESSION + secrets.token_urlsafe(32)
    return token, to_json({**fields, field: digest(token)})


def told(answer: bytes, secret: Secret) -> bytes:
    """The answer with the secret in it."""
    return to_json({**from_json(answer), "secret": secret})


def digest(secret: str) -> str:
    """What services know of a secret."""
    return sha256(secret.strip().encode()).hexdigest()


def _code() -> str:
    """`xxxxx-xxxxx-xxxxx-xxxxx`: 99 bits without letters that look alike."""
    letters = [secrets.choice(CODE_ALPHABET) for _ in range(20)]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 20, 5))
