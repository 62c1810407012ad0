"""What registry is told by its operator, beside what every service is told."""

from services.chassis.settings import Settings


class RegistrySettings(Settings):
    """Environment name: LINLI_KEYRING_DSN."""

    keyring_dsn: str = ""
    """The keyring's own database, on a server of its own where the operator has one (docs/decisions/0015)."""
