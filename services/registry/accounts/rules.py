"""How long somebody must wait after wrong passwords, and which passwords are taken. No I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.refusals import Refusal
from contracts.registry.v1 import AccountState

LOGIN_HOURS: Final = timedelta(hours=12)
FREE_ATTEMPTS: Final = 4
FIRST_DELAY: Final = timedelta(seconds=30)
LONGEST_DELAY: Final = timedelta(hours=1)
SHORTEST_PASSWORD: Final = 10
COMMON: Final = frozenset(
    {"1234567890", "0123456789", "9876543210", "password123", "qwertyuiop", "1q2w3e4r5t", "aa12345678"}
)


@dataclass(frozen=True, slots=True)
class Account:
    """A login and how often in a row its password was wrong."""

    account_id: UUID
    person_id: UUID
    login_hash: bytes | None
    login_sealed: bytes | None
    password_hash: str
    failures: int
    locked_until: datetime | None
    closed_at: datetime | None
    version: int

    @property
    def state(self) -> AccountState:
        return AccountState(
            account_id=self.account_id,
            person_id=self.person_id,
            closed=self.closed_at is not None,
        )


def may_try(account: Account | None, now: datetime) -> Refusal | None:
    """An open account may be tried once its delay is over. Refusals: wrong-credentials, account-locked.

    A closed account answers like an unknown one: who has an account is nobody's business.
    """
    if account is None or account.closed_at is not None:
        return Refusal("wrong-credentials")
    if account.locked_until is not None and now < account.locked_until:
        return Refusal("account-locked", seconds=int((account.locked_until - now).total_seconds()) + 1)
    return None


def locked_until(failures: int, now: datetime) -> datetime | None:
    """After so many wrong passwords in a row: four are free, then 30 seconds, doubling up to an hour."""
    if failures <= FREE_ATTEMPTS:
        return None
    doublings = min(failures - FREE_ATTEMPTS - 1, 10)
    return now + min(LONGEST_DELAY, FIRST_DELAY * (1 << doublings))


def is_strong(password: str, login: str) -> Refusal | None:
    """Length counts, composition does not (NIST SP 800-63B 5.1.1.2). Refusal: password-too-weak."""
    plain = password.lower()
    weak = len(password) < SHORTEST_PASSWORD or plain in COMMON or login in plain or len(set(plain)) < 4
    return Refusal("password-too-weak") if weak else None
