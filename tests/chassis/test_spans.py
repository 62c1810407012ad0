"""Spans reach the collector that OTEL_EXPORTER_OTLP_ENDPOINT names."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from services.chassis.telemetry import Traces, is_sampled, traceparent_of

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector(BaseHTTPRequestHandler):
    """Takes what is posted."""

    posted: list[tuple[str, bytes]] = []

    def do_POST(self) -> None:
        self.posted.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def test_a_span_goes_on_with_its_trace_and_reaches_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        traces = Traces("activities", "activities-1")
        span = traces.start("decide cmd.activities.enrol", PARENT)
        span.end()
        traces.shutdown()
        server.shutdown()

    following = traceparent_of(span)
    assert following[3:35] == PARENT[3:35]
    assert following[36:52] != PARENT[36:52]
    assert is_sampled(following)
    [(path, body)] = Collector.posted
    assert path == "/v1/traces"
    assert bytes.fromhex(PARENT[3:35]) in body
    assert b"decide cmd.activities.enrol" in body
