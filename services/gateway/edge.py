"""The door: every request is routed, answered, measured and written down here, and no error leaves as more than a
problem document."""

import random
import re
import time
from functools import cache
from typing import TYPE_CHECKING, Final

from prometheus_client import Histogram
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uuid_utils.compat import uuid7

from contracts.refusals import Refusal, Refused
from services.chassis.logs import kind_of
from services.chassis.telemetry import is_sampled, log, traceparent_of, traces

from .access_log import AccessLog
from .headers import completed
from .limits import LOGINS, Limits
from .metrics import HTTP_SECONDS
from .opening import CallerLeft
from .problems import problem
from .routing import Call, NotFound, Routes

if TYPE_CHECKING:
    from opentelemetry.trace import Span

TRACEPARENT: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})
NO_TOKENS: Final = frozenset({"unauthenticated", "login-ended", "client-key-ended"})
UNROUTED: Final = "-"
"""The route's name in logs and metrics where there is none: a caller's path may hold anything."""


class Edge:
    """The ASGI application. `trace_sample` is the share of requests that start a trace of their own."""

    def __init__(
        self, routes: Routes, access_log: AccessLog, trace_sample: float, limits: Limits, is_encrypted: bool
    ) -> None:
        self._limits, self._is_encrypted = limits, is_encrypted
        self._routes = routes
        self._access_log = access_log
        self._trace_sample = trace_sample

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"{scope['type']} is not served here")
        started = time.perf_counter()
        call = Call(scope, receive)
        template, answer, status = await self._answer(call)
        self._note(call.method, template, status, time.perf_counter() - started)
        await answer(scope, receive, completed(send, self._is_encrypted))

    async def _answer(self, call: Call) -> tuple[str, ASGIApp, int]:
        template = UNROUTED
        try:
            route, call.path = self._routes.find(call.method, call.target)
            template = route.template
            if route.nameless or call.header(b"authorization") is None or template in LOGINS:
                self._limits.spend_address(call.address, template)
            span = self._span(call, f"{route.method} {template}")
            try:
                answer = await route.handle(call)
            finally:
                if span is not None:
                    span.end()
        except NotFound as nothing:
            template = nothing.template or UNROUTED
            answer = _nothing_here(nothing, call)
        except Refused as refused:
            answer = problem(self._charged(refused.refusal, call), call.language)
        except CallerLeft:
            return template, _silence, 499
        except Exception as error:
            answer = self._broken(call, template, error)
        return template, answer, getattr(answer, "status_code", 200)

    def _charged(self, refusal: Refusal, call: Call) -> Refusal:
        """Tokens that are none are paid for by the address they come from."""
        if refusal.code not in NO_TOKENS or call.header(b"authorization") is None:
            return refusal
        try:
            self._limits.spend_address(call.address, UNROUTED)
        except Refused as refused:
            return refused.refusal
        return refusal

    def _broken(self, call: Call, template: str, error: Exception) -> ASGIApp:
        incident = str(uuid7())
        log.error("request failed", route=template, incident=incident, error=kind_of(error))
        return problem(Refusal("internal-error", incident=incident), call.language)

    def _span(self, call: Call, name: str) -> "Span | None":
        """A span for a request whose caller traces it, or that is drawn for a trace; no cost for the others."""
        given = call.header(b"traceparent")
        if given is not None and TRACEPARENT.fullmatch(given):
            if not is_sampled(given):
                return None
        elif random.random() >= self._trace_sample:
            return None
        else:
            given = None
        span = traces.start(name, given, serving=True)
        call.traceparent = traceparent_of(span)
        return span

    def _note(self, method: str, template: str, status: int, seconds: float) -> None:
        known = method if method in METHODS else UNROUTED  # a method is the caller's text
        _timer(known, template, status).observe(seconds)
        self._access_log.note(known, template, status, seconds)


def _nothing_here(nothing: NotFound, call: Call) -> ASGIApp:
    refusal = Refusal("unknown-operation")
    if not nothing.allowed:
        return problem(refusal, call.language)
    if call.method == "OPTIONS":
        return Response(status_code=204, headers={"allow": ", ".join([*nothing.allowed, "OPTIONS"])})
    return problem(refusal, call.language, 405, {"allow": ", ".join(nothing.allowed)})


@cache
def _timer(method: str, template: str, status: int) -> Histogram:
    return HTTP_SECONDS.labels(method, template, status)


async def _silence(scope: Scope, receive: Receive, send: Send) -> None:
    """Nobody listens any more."""
