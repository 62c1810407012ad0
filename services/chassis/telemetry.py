"""The log, traces and metrics, every name in one place. A trace runs from the HTTP request through command, outbox and
consumer to the sent mail; messages that are not sampled cost nothing."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from . import logs

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

    from .transaction import Cause

log: Final = logs.log

REGISTRY: Final = CollectorRegistry()
COMMANDS: Final = Counter("linli_commands", "Commands by outcome", ["command", "outcome"], registry=REGISTRY)
COMMAND_SECONDS: Final = Histogram(
    "linli_command_batch_seconds", "One transaction of commands", ["command"], registry=REGISTRY
)
QUERIES: Final = Histogram("linli_query_seconds", "One query", ["query"], registry=REGISTRY)
EVENTS_SAID: Final = Counter(
    "linli_events_published", "Events carried from the outbox to the stream", registry=REGISTRY
)
EVENTS_HEARD: Final = Counter(
    "linli_events_handled", "Events by consumer and end", ["durable", "end"], registry=REGISTRY
)
EVENT_SECONDS: Final = Histogram(
    "linli_event_batch_seconds", "One transaction of events", ["durable"], registry=REGISTRY
)
TIMERS_FIRED: Final = Counter("linli_timers_fired", "Timers by kind", ["kind"], registry=REGISTRY)
OUTBOX_WAITING: Final = Gauge("linli_outbox_unpublished", "Events not yet in the stream", registry=REGISTRY)
QUARANTINED: Final = Counter("linli_quarantined", "Messages put in quarantine", ["durable"], registry=REGISTRY)
AUDIT_SEALED: Final = Counter("linli_audit_sealed", "Rows chained into the audit log", registry=REGISTRY)
AUDIT_ANCHORED: Final = Gauge("linli_audit_anchored_row", "The audit row last anchored on the bus", registry=REGISTRY)
AUDIT_ALTERED: Final = Gauge(
    "linli_audit_altered", "1 while the audit log does not hold what was anchored", registry=REGISTRY
)
BUS_REFUSED: Final = Counter(
    "linli_bus_refused", "What NATS permissions refused this process, by verb", ["verb"], registry=REGISTRY
)
POOL_EXPIRED: Final = Counter(
    "linli_pool_expired",
    "Times that all connections to the database were given up for one's silence",
    registry=REGISTRY,
)
LOOP_LAG: Final = Gauge("linli_event_loop_lag_seconds", "How late the event loop's heartbeat is", registry=REGISTRY)


@dataclass(slots=True)
class Traces:
    """Where the spans of this process go. OpenTelemetry is loaded with the first of them: it takes a tenth of a start,
    and most processes of a quiet house never meet a sampled message."""

    service: str = ""
    instance: str = ""
    file: Path | None = None
    provider: "TracerProvider | None" = None

    def set_up(self, service: str, instance: str, file: Path | None) -> None:
        """Names the process, and the OTLP JSON file that its spans go to, if any."""
        self.service, self.instance, self.file = service, instance, file

    def start(self, name: str, traceparent: str | None, *, serving: bool = False) -> "Span":
        """A span that continues the trace of a W3C traceparent; without one it begins a trace."""
        from . import spans

        if self.provider is None:
            self.provider = spans.provider_of(self.service, self.instance, self.file)
        return spans.start(self.provider, name, traceparent, serving=serving)

    def shutdown(self) -> None:
        """Sends what is left."""
        if self.provider is not None:
            self.provider.shutdown()


traces: Final = Traces()


def is_sampled(traceparent: str | None) -> bool:
    """True for a W3C traceparent whose sampled flag is set."""
    return traceparent is not None and len(traceparent) == 55 and traceparent[-1] in "13579bdf"


def traceparent_of(span: "Span") -> str:
    """The W3C traceparent by which another process continues the span."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


class continued:
    """One span for each sampled message of a batch; gives the causes under which what follows is said."""

    __slots__ = ("_causes", "_name", "_spans")

    def __init__(self, name: str, causes: "Sequence[Cause]") -> None:
        self._name, self._causes = name, causes
        self._spans: list[Span] = []

    def __enter__(self) -> "Sequence[Cause]":
        if not any(is_sampled(cause.traceparent) for cause in self._causes):
            return self._causes
        return [self._inner(cause) if is_sampled(cause.traceparent) else cause for cause in self._causes]

    def _inner(self, cause: "Cause") -> "Cause":
        span = traces.start(self._name, cause.traceparent)
        span.set_attribute("messaging.batch.message_count", len(self._causes))
        span.set_attribute("messaging.message.conversation_id", str(cause.correlation))
        self._spans.append(span)
        return cause._replace(traceparent=traceparent_of(span))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        for span in self._spans:
            if kind is not None:
                span.set_attribute("error.type", kind.__name__)
            span.end()


class timed:
    """Observes how long the block took, whatever its end."""

    __slots__ = ("_histogram", "_start")

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._histogram.observe(time.perf_counter() - self._start)
