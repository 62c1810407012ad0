"""Where a webhook may go: never to a private address unless the administrator says so, and never elsewhere later."""

import datetime as dt
import ipaddress
import ssl
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from httpx2 import URL

from services.notify.webhooks.addresses import (
    AddressRefused,
    Guard,
    Resolver,
    is_public,
    plain_of,
    read_allowed,
    read_url,
)
from services.notify.webhooks.push import Pusher
from services.notify.webhooks.rules import Outcome
from tests.notify.receiver import receiving

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
LOOPBACK = read_allowed("127.0.0.0/8:*")


def answers(*addresses: str) -> Resolver:
    """A resolver that gives one address after the other, the last one for ever."""
    left = list(addresses)

    async def resolve(host: str, port: int) -> list[str]:
        return [left.pop(0) if len(left) > 1 else left[0]]

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "fec0::1",
        "ff0e::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "2002:7f00:1::1", "2001::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_public(plain_of(ipaddress.ip_address(address)))


@pytest.mark.parametrize("address", ["93.184.216.34", "114.114.114.114", "2400:3200::1", "::ffff:93.184.216.34"])
def test_what_is_public_is_allowed(address: str) -> None:
    assert is_public(plain_of(ipaddress.ip_address(address)))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
        "http://127.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/meta-data/",
        "https://[64:ff9b::7f00:1]/", "http://no-such-host.invalid/",
    ],
)  # fmt: skip
async def test_no_spelling_of_a_private_address_gets_through(url: str) -> None:
    with pytest.raises(AddressRefused):
        await Guard().address_of(read_url(url))


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "http://user:secret@example.org/", "http:///path", "http://example.org:99999/", "http://[::1/",
     "http://example.org:0/"],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        read_url(url)


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(AddressRefused):
        await Guard(resolve=resolve).address_of(URL("https://example.org/"))


@pytest.mark.parametrize(
    ("address", "port", "reached"),
    [
        ("10.20.3.4", 8443, "10.20.3.4"),
        ("::ffff:10.20.3.4", 8443, "10.20.3.4"),
        ("fd00::7", 1, "fd00::7"),
        ("10.20.3.4", 8444, None),
        ("10.21.0.1", 8443, None),
        ("::1", 1, None),
    ],
)
async def test_the_administrator_allows_a_network_and_a_port(address: str, port: int, reached: str | None) -> None:
    guard = Guard(read_allowed("10.20.0.0/16:8443, fd00::/8:*"), answers(address))
    url = URL(f"https://centre.example:{port}/")
    if reached:
        assert await guard.address_of(url) == reached
    else:
        with pytest.raises(AddressRefused):
            await guard.address_of(url)


@pytest.mark.parametrize("text", ["10.0.0.0/8", "10.0.0.0/8:http", "10.0.0.1/8:*", "centre.example:443"])
def test_a_list_that_cannot_be_read_stops_the_start(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_allowed(text)


async def test_a_name_that_turns_to_a_private_address_is_not_followed() -> None:
    async with receiving() as receiver:
        guard = Guard(resolve=answers("93.184.216.34", "127.0.0.1"))
        url = f"http://rebinding.example:{receiver.port}/"
        assert await guard.address_of(read_url(url)) == "93.184.216.34"

        async with Pusher(guard) as pusher:
            answer = await pusher.push(url, [SECRET], uuid4(), "{}")

    assert (answer.outcome, answer.reason) == (Outcome.SILENT, "address-not-allowed")
    assert receiver.taken == []


async def test_a_push_goes_to_the_checked_address_under_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    async with receiving() as receiver, Pusher(Guard(LOOPBACK, answers("127.0.0.1"))) as pusher:
        answer = await pusher.push(f"http://centre.example:{receiver.port}/in?a=1", [SECRET], uuid4(), '{"a":"邻里"}')

        assert answer.outcome is Outcome.TAKEN
        [taken] = receiver.taken
        assert taken.headers["host"] == f"centre.example:{receiver.port}"
        assert taken.path == "/in?a=1"
        assert taken.verified(SECRET) == {"a": "邻里"}


async def test_a_redirect_is_a_refusal_and_is_not_followed() -> None:
    async with receiving() as receiver, Pusher(Guard(LOOPBACK)) as pusher:
        receiver.answers = [f"302 Found\r\nlocation: {receiver.url}"]
        answer = await pusher.push(receiver.url, [SECRET], uuid4(), "{}")

    assert (answer.outcome, answer.reason) == (Outcome.REFUSED, "http-302")
    assert len(receiver.taken) == 1


async def test_a_receiver_that_keeps_silent_is_given_up() -> None:
    async with receiving() as receiver, Pusher(Guard(LOOPBACK), seconds=0.2) as pusher:
        receiver.delay = 5
        answer = await pusher.push(receiver.url, [SECRET], uuid4(), "{}")

    assert (answer.outcome, answer.reason) == (Outcome.SILENT, "timeout")


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate of a host, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


async def test_the_certificate_must_be_that_of_the_name_and_not_of_the_address(tmp_path: Path) -> None:
    file = certificate(tmp_path, "centre.example")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    trust = ssl.create_default_context(cafile=str(file))
    guard = Guard(LOOPBACK, answers("127.0.0.1"))
    async with receiving(server) as receiver, Pusher(guard, trust) as pusher:
        right = await pusher.push(f"https://centre.example:{receiver.port}/", [SECRET], uuid4(), "{}")
        wrong = await pusher.push(f"https://other.example:{receiver.port}/", [SECRET], uuid4(), "{}")

    assert right.outcome is Outcome.TAKEN
    assert (wrong.outcome, wrong.reason) == (Outcome.SILENT, "no-answer")
    assert len(receiver.taken) == 1
