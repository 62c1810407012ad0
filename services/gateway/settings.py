"""Settings of the gateway: the common ones, and how long it waits for whom."""

from pathlib import Path

from services.chassis.settings import Settings


class GatewaySettings(Settings):
    """`answer_seconds` is the longest a service may take; with the rest of the way it stays under two seconds."""

    answer_seconds: float = 1.8
    streams_most: int = 500
    """Event streams open at once; one more is refused with 503."""
    streams_each: int = 50
    """Of these, of one person or client; one more is refused with 429."""
    heartbeat_seconds: float = 15.0
    stall_seconds: float = 20.0
    """A reader of events who takes nothing for so long is dropped; it goes on by `Last-Event-ID`."""
    limit_credential: float = 300.0
    """Requests a second of one person or client; each of these buckets holds ten seconds' worth (limits.py)."""
    limit_unit: float = 1000.0
    """Requests a second of all who act for one unit, or in one region."""
    limit_dear: float = 5.0
    """Of these, event streams opened, statistics, and what is done to accounts."""
    limit_address: float = 200.0
    """Requests a second from one address without a login: thousands of families may share one."""
    limit_logins: float = 5.0
    """Attempts a second to log in from one address."""
    trusted_proxies: str = ""
    """CIDR networks, by comma, whose `X-Forwarded-For` names the caller; without any, the peer is the caller."""
    tls_in_front: bool = False
    """Set where every caller comes by TLS: browsers are then told to come no other way."""
    open_data_license: str = "https://creativecommons.org/licenses/by/4.0/"
    """Under which the open feed of sessions is given (RPDE asks for one)."""
    cors_origins: str = ""
    """Origins, by comma, whose pages may call from a browser; none by default."""
    oidc_issuer: str = ""
    """The OpenID provider of the staff, such as https://login.example.org; without one there is no login by it."""
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    oidc_redirect_url: str = "http://127.0.0.1:8080/v1/oidc/callback"
    """Where the provider leads back to: this gateway, as browsers reach it."""
    oidc_return_url: str = ""
    """The page that takes the token from its fragment; without one the callback answers JSON."""
