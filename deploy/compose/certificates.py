"""The certificates of the compose stack: an authority of its own, both servers, and the clients, each by its name.

Keys are ECDSA on P-256, good for ten years; to change one, delete its two files and make the secrets again. One that
names somebody else than its owner is called by now is made anew.
"""

import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.local.private import write_private

DAYS: Final = 3650
AUTHORITY: Final = "authority"
SERVERS: Final = ("nats", "postgres")


def ensure_certificates(folder: Path, clients: Mapping[str, str]) -> None:
    """Leaves `<file>.pem` and `<file>.key` of the authority, the servers and the clients; what exists is kept.

    `clients` says for each file which name its certificate bears: PostgreSQL takes it for the role that comes.
    """
    authority = _authority(folder)
    for name, called in {**dict(zip(SERVERS, SERVERS, strict=True)), **clients}.items():
        if _name_in(folder / f"{name}.pem") != called:
            usage = ExtendedKeyUsageOID.SERVER_AUTH if name in SERVERS else ExtendedKeyUsageOID.CLIENT_AUTH
            key = generate_private_key(SECP256R1())
            hosts = [x509.DNSName(name), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            unsigned = (
                _begun(called, key, authority[0].subject)
                .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
                .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            )
            _write(folder, name, unsigned.sign(authority[1], SHA256()), key)


def _name_in(certificate: Path) -> str | bytes | None:
    """The name in a certificate; None where there is none."""
    if not certificate.exists():
        return None
    subject = x509.load_pem_x509_certificate(certificate.read_bytes()).subject
    return subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def _authority(folder: Path) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    certificate, key = folder / f"{AUTHORITY}.pem", folder / f"{AUTHORITY}.key"
    if not certificate.exists():
        made = generate_private_key(SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY)])
        root = _begun(AUTHORITY, made, subject).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        _write(folder, AUTHORITY, root.sign(made, SHA256()), made)
    loaded = load_pem_private_key(key.read_bytes(), password=None)
    assert isinstance(loaded, EllipticCurvePrivateKey)
    return x509.load_pem_x509_certificate(certificate.read_bytes()), loaded


def _begun(name: str, key: EllipticCurvePrivateKey, issuer: x509.Name) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=DAYS))
    )


def _write(folder: Path, name: str, certificate: x509.Certificate, key: EllipticCurvePrivateKey) -> None:
    """The key first: a certificate without its key would be taken for complete."""
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(folder / f"{name}.key", private.decode())
    write_private(folder / f"{name}.pem", certificate.public_bytes(Encoding.PEM).decode())
