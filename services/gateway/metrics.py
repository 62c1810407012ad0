"""What the gateway counts, every name in one place."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from services.chassis.telemetry import REGISTRY

HTTP_SECONDS: Final = Histogram(
    "linli_http_request_seconds",
    "HTTP requests until their answer is ready, by method, route template and status",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2),
    registry=REGISTRY,
)
BATCH_ITEMS: Final = Histogram(
    "linli_gateway_batch_items",
    "Commands that went to a service together",
    ["command"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
    registry=REGISTRY,
)
HELD_BACK: Final = Counter(
    "linli_gateway_events_held_back", "Events of elsewhere that a failed filter would have shown", registry=REGISTRY
)
STREAMS_OPEN: Final = Gauge("linli_gateway_event_streams", "Event streams open now", registry=REGISTRY)
