"""Settings of a service process, read once from the environment (prefix LINLI_)."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every service reads these; a service with its own needs derives a class in its app.py."""

    model_config = SettingsConfigDict(env_prefix="LINLI_", frozen=True, extra="ignore")

    instance: str = "unnamed-1"
    database_dsn: str = ""
    nats_url: str = "nats://127.0.0.1:4222"
    nats_seed_file: Path | None = None
    """The NKey seed by which this process comes onto the bus; without one, the login in `nats_url`."""
    tls_dir: Path | None = None
    """Holds `ca.pem`, `client.pem` and `client.key`, for the bus: it proves itself, and so do we. None on loopback."""
    nats_monitor_url: str = ""
    """The monitoring address of nats-server (`http: ` in its configuration): the check of promise 1 looks there."""
    http_host: str = "127.0.0.1"
    http_port: int = 0
    secrets_dir: Path = Path(".linli/secrets")
    trace_file: Path | None = None
    trace_sample: float = 0.01
    """Share of requests that start a trace; one that comes with a sampled traceparent always goes on with it."""
    clock_offset_file: Path | None = None
    pool_size: int = 12
    audit_anchor_seconds: float = 60.0
    """How often the head of the audit log is anchored outside the database, when it has moved."""
    stop_seconds: float = 18.0
    log_level: str = "INFO"
    allow_undurable: bool = False
    """Only for test servers that run without fsync: lifts the start-up check of promise 1."""
    sabotage: str = ""
    """Only for tests of the promises: switches one deliberate fault on (docs/saboteurs.md)."""

    def sabotaged(self, fault: str) -> bool:
        """True in a test run that switched this deliberate fault on (docs/saboteurs.md)."""
        return fault in self.sabotage.split(",")
