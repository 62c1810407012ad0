"""How much one caller may ask: token buckets in this process, by credential, by unit, and by address where nobody is
logged in (features.md X27)."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Network
from typing import Final

from contracts.refusals import Refused
from contracts.region import NOWHERE
from services.chassis.access import Actor

from .settings import GatewaySettings

BURST_SECONDS: Final = 10
"""A bucket holds what it gets in so many seconds: a class that checks in at the door is no attack."""
ROUNDING: Final = 1e-6
MOST_CALLERS: Final = 50_000
LONGEST: Final = 45
"""Characters of an address; what a proxy passes on may be anything."""
LOGINS: Final = frozenset({"/v1/logins", "/v1/accounts/reset-password", "/oauth/token", "/v1/oidc/callback"})
"""Where a secret may be guessed: by address, whoever asks."""
DEAR: Final = frozenset({"events.read", "activities.counts.read", "registry.accounts.manage"})
"""Permissions whose requests give much at once or cost much: streams, statistics, hashing of passwords."""


class Buckets:
    """One bucket a key, `rate` tokens a second, as the time at which it will be full again (GCRA).

    Never more than `most`: the one that rested longest goes first. One that is full again is like none at all, so
    going loses nothing unless more than `most` keys ask within BURST_SECONDS.
    """

    def __init__(self, rate: float, most: int = MOST_CALLERS) -> None:
        self._each, self._most = 1 / rate, most
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: str, now: float) -> float:
        """Takes a token: 0.0; or the seconds until there is one, and nothing is taken."""
        full_at = max(self._full_at.get(key, now), now) + self._each
        if full_at - now > BURST_SECONDS + ROUNDING:
            return full_at - now - BURST_SECONDS
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return 0.0


class Limits:
    """The buckets of one gateway. Every method raises Refused `too-many-requests` with the seconds to wait.

    The gateways of an installation do not share them: behind two, a caller may ask twice as much.
    """

    def __init__(self, settings: GatewaySettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._credentials = Buckets(settings.limit_credential)
        self._units = Buckets(settings.limit_unit)
        self._dear = Buckets(settings.limit_dear)
        self._addresses = Buckets(settings.limit_address)
        self._logins = Buckets(settings.limit_logins)

    def spend(self, actor: Actor, permission: str) -> None:
        """One request of somebody known: from her own bucket and that of her unit or region."""
        now = self._clock()
        _grant(self._credentials.take(actor.id, now))
        if permission in DEAR:
            _grant(self._dear.take(actor.id, now))
        if actor.unit is not None:
            _grant(self._units.take(str(actor.unit), now))
        elif actor.region != NOWHERE:
            _grant(self._units.take(actor.region, now))

    def spend_address(self, address: str, template: str) -> None:
        """One request of nobody known, or one that may guess a secret."""
        buckets = self._logins if template in LOGINS else self._addresses
        _grant(buckets.take(network_of(address), self._clock()))


def _grant(wait: float) -> None:
    if wait > 0:
        raise Refused("too-many-requests", seconds=math.ceil(wait))


@lru_cache(maxsize=MOST_CALLERS)
def network_of(address: str) -> str:
    """An IPv4 address as it is; of an IPv6 address the /64, all of which one subscriber has."""
    try:
        return str(IPv6Network(f"{address}/64", strict=False)) if ":" in address else address
    except ValueError:
        return address[:LONGEST]
