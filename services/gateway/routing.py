"""Which handler a method and path belong to."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Receive, Scope

from .problems import Language, language_of


class Call:
    """One HTTP request. `path` holds the values of its path, `address` is the caller's, `traceparent` the sampled trace
    it is part of."""

    __slots__ = ("_headers", "address", "method", "path", "query_string", "receive", "target", "traceparent")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.method: str = scope["method"]
        self.address: str = (scope.get("client") or ("", 0))[0]
        self.target: str = scope["path"]
        self.query_string: bytes = scope["query_string"]
        self.receive = receive
        self.path: Mapping[str, str] = {}
        self.traceparent: str | None = None
        self._headers: dict[bytes, bytes] = dict(scope["headers"])

    def header(self, name: bytes) -> str | None:
        """A header by its name in small letters."""
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def language(self) -> Language:
        """The language in which to answer people."""
        return language_of(self.header(b"accept-language"))


Handler = Callable[[Call], Awaitable[ASGIApp]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method, a path template (`/v1/sessions/{session_id}`) and what answers it, `nameless` without asking who."""

    method: str
    template: str
    handle: Handler
    nameless: bool = False


class NotFound(Exception):
    """No route has this path; or, when `allowed` names methods, none with this method."""

    def __init__(self, template: str = "", allowed: Iterable[str] = ()) -> None:
        super().__init__(template)
        self.template, self.allowed = template, sorted(allowed)


@dataclass(slots=True)
class _Node:
    literal: dict[str, "_Node"] = field(default_factory=dict)
    value: "_Node | None" = None
    methods: dict[str, tuple[Route, tuple[str, ...]]] = field(default_factory=dict)


class Routes:
    """All routes as one tree by path segment; a fixed segment wins over a `{value}`."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.all: list[Route] = []
        self._root = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node, names = self._root, []
        for segment in _segments(route.template):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.value = node.value or _Node()
                node = node.value
            else:
                node = node.literal.setdefault(segment, _Node())
        if route.method in node.methods:
            raise ValueError(f"{route.method} {route.template} has two handlers")
        node.methods[route.method] = (route, tuple(names))
        self.all.append(route)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route and the values of its path. Raises NotFound."""
        node, values = self._root, []
        for segment in _segments(path):
            following = node.literal.get(segment)
            if following is None and node.value is not None and segment:
                values.append(segment)
                following = node.value
            if following is None:
                raise NotFound
            node = following
        found = node.methods.get("GET" if method == "HEAD" else method)
        if found is None:
            raise NotFound(_any_template(node.methods), node.methods)
        route, names = found
        return route, dict(zip(names, values, strict=True))


def _segments(path: str) -> list[str]:
    return path[1:].split("/")


def _any_template(methods: Mapping[str, tuple[Route, Any]]) -> str:
    return next((route.template for route, _ in methods.values()), "")
