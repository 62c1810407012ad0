"""What the gateway counts, every name in one place."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from services.chassis.telemetry import REGISTRY

HTTP_REQUESTS: Final = Counter(
    "linli_http_requests", "HTTP requests by method, route template and status", ["method", "route", "status"],
    registry=REGISTRY,
)  # fmt: skip
HTTP_SECONDS: Final = Histogram(
    "linli_http_request_seconds", "One HTTP request until its answer is ready", ["method", "route"], registry=REGISTRY
)
BATCH_ITEMS: Final = Histogram(
    "linli_gateway_batch_items",
    "Commands that went to a service together",
    ["command"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
    registry=REGISTRY,
)
STREAMS_OPEN: Final = Gauge("linli_gateway_event_streams", "Event streams open now", registry=REGISTRY)
