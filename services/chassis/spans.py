"""Spans as OpenTelemetry makes and sends them. Imported with the first one (telemetry.Traces)."""

import os
from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags


def provider_of(service: str, instance: str, file: Path | None) -> TracerProvider:
    """Spans go to an OTLP JSON file and to the collector of OTEL_EXPORTER_OTLP_ENDPOINT, where there is one."""
    provider = TracerProvider(resource=Resource.create({"service.name": service, "service.instance.id": instance}))
    if file is not None:
        from opentelemetry.exporter.otlp.json.file import FileSpanExporter

        file.parent.mkdir(parents=True, exist_ok=True)
        provider.add_span_processor(BatchSpanProcessor(FileSpanExporter(str(file)), schedule_delay_millis=500))
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=500))
    return provider


def start(provider: TracerProvider, name: str, traceparent: str | None, *, serving: bool) -> Span:
    """A span that continues the trace of a W3C traceparent, or begins one; `serving` the one of an HTTP request."""
    parent = None
    if traceparent is not None and len(traceparent) == 55:
        context = SpanContext(
            int(traceparent[3:35], 16),
            int(traceparent[36:52], 16),
            is_remote=True,
            trace_flags=TraceFlags(int(traceparent[53:], 16)),
        )
        parent = trace.set_span_in_context(NonRecordingSpan(context))
    kind = SpanKind.SERVER if serving else SpanKind.CONSUMER
    return provider.get_tracer("linli").start_span(name, context=parent, kind=kind)
