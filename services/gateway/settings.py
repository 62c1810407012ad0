"""Settings of the gateway: the common ones, and how long it waits for whom."""

from services.chassis.settings import Settings


class GatewaySettings(Settings):
    """`answer_seconds` is the longest a service may take; with the rest of the way it stays under two seconds."""

    answer_seconds: float = 1.8
    streams_most: int = 500
    """Event streams open at once; one more is refused with 503."""
    heartbeat_seconds: float = 15.0
    stall_seconds: float = 20.0
    """A reader of events who takes nothing for so long is dropped; it goes on by `Last-Event-ID`."""
