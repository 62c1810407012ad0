"""Traces and metrics, every name in one place. A trace runs from the HTTP request through command, outbox and
consumer to the sent mail; messages that are not sampled cost nothing."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from .transaction import Cause

log = structlog.get_logger("linli")

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
LOOP_LAG: Final = Gauge("linli_event_loop_lag_seconds", "How late the event loop's heartbeat is", registry=REGISTRY)


def set_up_traces(service: str, instance: str, file: Path | None, sample: float) -> TracerProvider:
    """Spans go to an OTLP JSON file, to the collector of OTEL_EXPORTER_OTLP_ENDPOINT, or nowhere."""
    resource = Resource.create({"service.name": service, "service.instance.id": instance})
    provider = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(sample)))
    if file is not None:
        from opentelemetry.exporter.otlp.json.file import FileSpanExporter

        file.parent.mkdir(parents=True, exist_ok=True)
        provider.add_span_processor(BatchSpanProcessor(FileSpanExporter(str(file)), schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    return provider


def is_sampled(traceparent: str | None) -> bool:
    """True for a W3C traceparent whose sampled flag is set."""
    return traceparent is not None and len(traceparent) == 55 and traceparent[-1] in "13579bdf"


def start_span(name: str, traceparent: str | None, kind: SpanKind = SpanKind.CONSUMER) -> Span:
    """A span that continues the trace of a W3C traceparent; without one, a new trace if the sampler wants it."""
    parent = None
    if traceparent is not None and len(traceparent) == 55:
        context = SpanContext(
            int(traceparent[3:35], 16),
            int(traceparent[36:52], 16),
            is_remote=True,
            trace_flags=TraceFlags(int(traceparent[53:], 16)),
        )
        parent = trace.set_span_in_context(NonRecordingSpan(context))
    return trace.get_tracer("linli").start_span(name, context=parent, kind=kind)


def traceparent_of(span: Span) -> str:
    """The W3C traceparent by which another process continues the span."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


@contextmanager
def continued(name: str, causes: Sequence[Cause]) -> Iterator[list[Cause]]:
    """One span for each sampled message of a batch; gives the causes under which what follows is said."""
    spans: list[Span] = []
    inner: list[Cause] = []
    for cause in causes:
        if is_sampled(cause.traceparent):
            span = start_span(name, cause.traceparent)
            span.set_attribute("messaging.batch.message_count", len(causes))
            span.set_attribute("messaging.message.conversation_id", str(cause.correlation))
            spans.append(span)
            inner.append(replace(cause, traceparent=traceparent_of(span)))
        else:
            inner.append(cause)
    try:
        yield inner
    except BaseException as error:
        for span in spans:
            span.set_attribute("error.type", type(error).__name__)
        raise
    finally:
        for span in spans:
            span.end()


@contextmanager
def timed(histogram: Histogram, label: str) -> Iterator[None]:
    """Observes how long the block took, whatever its end."""
    start = time.perf_counter()
    try:
        yield
    finally:
        histogram.labels(label).observe(time.perf_counter() - start)
