"""Settings of the gateway: the common ones, and how long it waits for whom."""

from pathlib import Path

from services.chassis.settings import Settings


class GatewaySettings(Settings):
    """`answer_seconds` is the longest a service may take; with the rest of the way it stays under two seconds."""

    answer_seconds: float = 1.8
    streams_most: int = 500
    """Event streams open at once; one more is refused with 503."""
    heartbeat_seconds: float = 15.0
    stall_seconds: float = 20.0
    """A reader of events who takes nothing for so long is dropped; it goes on by `Last-Event-ID`."""
    oidc_issuer: str = ""
    """The OpenID provider of the staff, such as https://login.example.org; without one there is no login by it."""
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    oidc_redirect_url: str = "http://127.0.0.1:8080/v1/oidc/callback"
    """Where the provider leads back to: this gateway, as browsers reach it."""
    oidc_return_url: str = ""
    """The page that takes the token from its fragment; without one the callback answers JSON."""
