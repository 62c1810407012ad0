"""How much one caller may ask: token buckets by credential, by unit, and by address where nobody is logged in
(features.md X27). Each gateway has its own and hears what the others gave (sharing.py)."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, IPv6Network
from typing import Final

from contracts.refusals import Refused
from contracts.region import NOWHERE
from services.chassis.access import Actor

from .settings import GatewaySettings

BURST_SECONDS: Final = 10
"""A bucket holds what it gets in so many seconds: a class that checks in at the door is no attack."""
ROUNDING: Final = 1e-6
SHARE: Final = 0.02
"""What part of a bucket a gateway gives before it tells the others: who asks little is not worth a word."""
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
        self._worth_telling = max(1, int(rate * BURST_SECONDS * SHARE))
        self._full_at: OrderedDict[str, float] = OrderedDict()
        self._untold: OrderedDict[str, int] = OrderedDict()
        self._telling: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: str, now: float) -> float:
        """Takes a token: 0.0; or the seconds until there is one, and nothing is taken."""
        full_at = max(self._full_at.get(key, now), now) + self._each
        if full_at - now > BURST_SECONDS + ROUNDING:
            return full_at - now - BURST_SECONDS
        self._set(key, full_at)
        untold = self._untold.get(key, 0) + 1
        if untold >= self._worth_telling:
            self._untold.pop(key, None)
            self._telling[key] = self._telling.get(key, 0) + untold
        else:
            self._untold[key] = untold
            if len(self._untold) > self._most:
                self._untold.popitem(last=False)
        return 0.0

    def wait(self, key: str, now: float) -> float:
        """The seconds until there is a token, 0.0 where there is one. Takes nothing."""
        full_at = max(self._full_at.get(key, now), now) + self._each
        return full_at - now - BURST_SECONDS if full_at - now > BURST_SECONDS + ROUNDING else 0.0

    def tell(self) -> dict[str, int]:
        """What was given since the last time and is worth telling the other gateways."""
        told, self._telling = self._telling, {}
        return told

    def hear(self, given: Mapping[str, int], now: float) -> None:
        """Takes what another gateway gave, also into debt; of that never more than a second bucket."""
        for key, count in given.items():
            full_at = max(self._full_at.get(key, now), now) + count * self._each
            self._set(key, min(full_at, now + 2 * BURST_SECONDS))

    def _set(self, key: str, full_at: float) -> None:
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)


class Limits:
    """The buckets of one gateway. `spend…` raise Refused `too-many-requests` with the seconds to wait.

    `tell` and `hear` keep the gateways of an installation together: over time a caller gets its rate from all of them
    together, and at once a bucket of each at most (docs/decisions/0022).
    """

    def __init__(self, settings: GatewaySettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.credentials = Buckets(settings.limit_credential)
        self.units = Buckets(settings.limit_unit)
        self.dear = Buckets(settings.limit_dear)
        self.addresses = Buckets(settings.limit_address)
        self.logins = Buckets(settings.limit_logins)
        self._by_name: Final[Mapping[str, Buckets]] = {
            "credentials": self.credentials,
            "units": self.units,
            "dear": self.dear,
            "addresses": self.addresses,
            "logins": self.logins,
        }

    def tell(self) -> dict[str, dict[str, int]]:
        """What this gateway gave since the last time, by bucket and key; empty when that is not worth a message."""
        told = {name: buckets.tell() for name, buckets in self._by_name.items()}
        return {name: given for name, given in told.items() if given}

    def hear(self, given: Mapping[str, Mapping[str, int]]) -> None:
        """What another gateway told."""
        now = self._clock()
        for name, counts in given.items():
            if name in self._by_name:
                self._by_name[name].hear(counts, now)

    def spend(self, actor: Actor, permission: str) -> None:
        """One request of somebody known: from her own bucket and that of her unit or region."""
        now = self._clock()
        _grant(self.credentials.take(actor.id, now))
        if permission in DEAR:
            _grant(self.dear.take(actor.id, now))
        if actor.unit is not None:
            _grant(self.units.take(str(actor.unit), now))
        elif actor.region != NOWHERE:
            _grant(self.units.take(actor.region, now))

    def spend_address(self, address: str, template: str) -> None:
        """One request of nobody known, or one that may guess a secret."""
        buckets = self.logins if template in LOGINS else self.addresses
        _grant(buckets.take(key_of(address), self._clock()))

    def hold_up(self, address: str) -> None:
        """Raises Refused where an address has nothing left, and takes nothing: before work is done for a stranger."""
        _grant(self.addresses.wait(key_of(address), self._clock()))


def _grant(wait: float) -> None:
    if wait > 0:
        raise Refused("too-many-requests", seconds=math.ceil(wait))


@lru_cache(maxsize=MOST_CALLERS)
def key_of(address: str) -> str:
    """The key of an address: a hash of its network, because gateways tell each other keys."""
    return blake2b(network_of(address).encode(), digest_size=9).hexdigest()


def network_of(address: str) -> str:
    """An IPv4 address as it is, also in IPv6's letters (RFC 4291 section 2.5.5.2); of an IPv6 address the /64, all of
    which one subscriber has."""
    if ":" not in address:
        return address
    try:
        mapped = IPv6Address(address).ipv4_mapped
        return str(mapped or IPv6Network(f"{address}/64", strict=False))
    except ValueError:
        return address[:LONGEST]
