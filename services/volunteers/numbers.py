"""Numbers that people read aloud and copy by hand: drawn at random, never counted up, nothing of a person in them."""

import secrets
from typing import Final

from contracts.data import USCC_ALPHABET

ALPHABET: Final = USCC_ALPHABET
"""31 characters without I, O, S, V and Z, so that none is taken for 1, 0, 5, U or 2 (GB 32100-2015)."""

VOLUNTEER_DRAW: Final = 8
CERTIFICATE_DRAW: Final = 10
CHECK_CODE_DRAW: Final = 8


def draw(length: int) -> str:
    """So many random characters, from the operating system's source of secrets."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def check_character(text: str) -> str:
    """The check character of GB 32100-2015: finds any one wrong character and any two that changed places."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(text))
    return ALPHABET[(31 - total % 31) % 31]


def volunteer_number(region: str, drawn: str) -> str:
    """`JG350503-7KQ4M2XPC`: district of the team, drawn characters, check character (Order 67 article 5, V3)."""
    start = f"JG{region[:6]}"
    return f"{start}-{drawn}{check_character(start + drawn)}"


def certificate_number(year: int, drawn: str) -> str:
    """`LZ-2026-7KQ4M2XPCD`: a time-ordered id would tell how many are issued (standards 2.10)."""
    return f"LZ-{year}-{drawn}"
