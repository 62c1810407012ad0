"""Which addresses a webhook may go to: public ones, and private ones that the administrator allows by name.

Asked at registration and again for every push: the answer is the very address to connect to, so that a name which
points elsewhere a moment later changes nothing (reliability.md 11). What cannot be decided is refused.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from httpx2 import URL, InvalidURL

Resolver = Callable[[str, int], Awaitable[list[str]]]
RESOLVE_SECONDS: Final = 3
UNICAST: Final = IPv6Network("2000::/3")
SIX_TO_FOUR: Final = IPv6Network("2002::/16")


class AddressRefused(Exception):
    """Nothing may be sent there; the message says why and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """One private network, and the port in it (None: any), that endpoints may lie in."""

    network: str
    port: int | None

    def covers(self, address: IPv4Address | IPv6Address, port: int) -> bool:
        return address in ip_network(self.network) and self.port in (None, port)


def read_allowed(text: str) -> tuple[Allowed, ...]:
    """`10.20.0.0/16:8443,127.0.0.0/8:*` as rules. Raises ValueError for what is neither a network nor a port."""
    allowed = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        network, _, port = part.rpartition(":")
        allowed.append(Allowed(str(ip_network(network)), None if port == "*" else int(port)))
    return tuple(allowed)


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host by the system's resolver."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(RESOLVE_SECONDS):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[4][0]) for place in found]


@dataclass(slots=True)
class Guard:
    """Decides for this process; app.py gives it the administrator's list."""

    allowed: tuple[Allowed, ...] = ()
    resolve: Resolver = resolve

    async def address_of(self, url: URL) -> str:
        """The address to connect to. Raises AddressRefused when any address of the host is not allowed."""
        port = port_of(url)
        try:
            found = [plain_of(ip_address(each)) for each in await self.resolve(url.host, port)]
        except (OSError, TimeoutError, ValueError) as error:
            raise AddressRefused("the host cannot be resolved") from error
        if not found or not all(self._may_receive(each, port) for each in found):
            raise AddressRefused("the host has an address that is not public")
        return str(found[0])

    def _may_receive(self, address: IPv4Address | IPv6Address, port: int) -> bool:
        return is_public(address) or any(each.covers(address, port) for each in self.allowed)


def plain_of(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside `::ffff:127.0.0.1`, any other as it is."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """True for global unicast; what encodes an IPv4 address (6to4, NAT64, compatible) is not."""
    if isinstance(address, IPv6Address) and (address not in UNICAST or address in SIX_TO_FOUR):
        return False
    return address.is_global and not address.is_multicast


def read_url(text: str) -> URL:
    """The URL of an endpoint. Raises AddressRefused for what is no plain http(s) address of a host."""
    try:
        url = URL(text)
    except InvalidURL as error:
        raise AddressRefused("not a URL") from error
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or not 0 < port_of(url) < 65_536:
        raise AddressRefused("not a plain http or https URL")
    return url


def port_of(url: URL) -> int:
    return url.port if url.port is not None else (443 if url.scheme == "https" else 80)


guard: Final = Guard()
