"""A message is declared once: class, name, fields with their data class, reply, refusals, permission, HTTP route."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import UnionType
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict

from . import refusals as reasons
from .data import DataClass

NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
FACT = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z][a-z0-9]*(-[a-z0-9]+)*$")
HTTP = re.compile(r"^(GET|POST|PUT|DELETE) (/v\d+(?:/[a-z0-9-]+|/\{[a-z_]+\})+)$")
MODULE = re.compile(r"(?:^|\.)(?P<service>[a-z]+)\.v(?P<version>\d+)(?:\.|$)")
PERSONS = frozenset({DataClass.PERSONAL, DataClass.SENSITIVE, DataClass.MINOR})
COMMON_REFUSALS = frozenset(reasons.GENERAL)
_COMMON = ConfigDict(frozen=True, hide_input_in_errors=True, ser_json_bytes="base64", defer_build=True)
"""Built at first use: a service meets a few of all messages, and building them all took a tenth of its start."""


def json_of(model: BaseModel, **how: Any) -> bytes:
    """`model.model_dump_json(**how)` as bytes, for a third of its price: it is done several times a message."""
    return model.__pydantic_serializer__.to_json(model, **how)


class Part(BaseModel):
    """A piece of a message or a reply. Readers ignore fields they do not know."""

    model_config = ConfigDict(extra="ignore", **_COMMON)


class Done(Part):
    """The reply of a command whose caller needs no more than to know that it is done."""


R = TypeVar("R", bound=Part)


@dataclass(frozen=True, slots=True)
class Route:
    """The HTTP method and path of a command or query."""

    method: str
    path: str

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{([a-z_]+)\}", self.path))


@dataclass(frozen=True)
class Contract:
    """What a message class declares beside its fields; generated documents are made of this."""

    kind: Literal["command", "query", "event"]
    service: str
    version: int
    name: str
    permission: str = ""
    route: Route | None = None
    refusals: tuple[str, ...] = ()
    reply: type[Part] | None = None
    mints: str = ""
    unkept: frozenset[str] = frozenset()
    """Fields of a request that leave no trace, not even in a fingerprint: values of people, and secrets."""
    shown_once: frozenset[str] = frozenset()
    """Secrets of a command's reply: in the first answer alone, and None in the one that is kept for repeats."""

    @cached_property
    def subject(self) -> str:
        """`cmd.<service>.<name>`, `qry.<service>.<name>` or the five leading tokens of an event's subject."""
        if self.kind == "event":
            return f"evt.{self.service}.{self.name}.v{self.version}"
        later = f".v{self.version}" if self.version > 1 else ""
        return f"{'cmd' if self.kind == 'command' else 'qry'}.{self.service}.{self.name}{later}"

    @cached_property
    def type(self) -> str:
        """The CloudEvents type, also the key of schemas and samples."""
        return f"linli.{self.service}.{self.name}.v{self.version}"

    @cached_property
    def aggregate(self) -> str:
        return self.name.partition(".")[0]

    @cached_property
    def stream(self) -> str:
        return f"EVT_{self.service.upper()}"

    @cached_property
    def aggregate_field(self) -> str:
        """The field of an event that holds the id of its aggregate."""
        return self.aggregate.replace("-", "_") + "_id"


class Message(BaseModel):
    """What commands, queries and events share: frozen, and closed on the writer's side."""

    model_config = ConfigDict(extra="forbid", **_COMMON)
    contract: ClassVar[Contract]

    def __init_subclass__(cls, **_: Any) -> None:
        """Class arguments are read by __pydantic_init_subclass__, once the fields are known."""
        super().__init_subclass__()


class Request(Message, Generic[R]):
    """A command or a query: somebody asks, the owner answers with `R` or a refusal."""


class Command(Request[R], Generic[R]):
    """Asks the owning service to change something. Answered after commit; safe to repeat with the same id.

    Class arguments: `name` (imperative, kebab-case), `permission`, `http` ("POST /v1/…"), `refusals` (codes beyond
    the general ones), `mints` (a field of SecretHash that the gateway fills where the caller leaves it out: it makes
    the secret, sends its hash, and adds the secret to its answer, so that no service ever holds it).
    """

    @classmethod
    def __pydantic_init_subclass__(cls, name: str = "", **declared: Any) -> None:
        if name:
            _declare_request(cls, "command", name, **declared)


class Query(Request[R], Generic[R]):
    """Asks the owning service for something it knows. Changes nothing; optional fields are URL parameters."""

    @classmethod
    def __pydantic_init_subclass__(cls, name: str = "", **declared: Any) -> None:
        if name:
            _declare_request(cls, "query", name, **declared)


class Event(Message):
    """A fact that a service committed. Ids, codes, numbers, times and public state: never data of a person.

    Class argument: `fact` ("enrolment.confirmed"). The field `<aggregate>_id` holds the id of the aggregate.
    """

    model_config = ConfigDict(extra="ignore")

    @classmethod
    def __pydantic_init_subclass__(cls, fact: str = "", **_: Any) -> None:
        if not fact:
            return
        service, version = _home(cls)
        _must(bool(FACT.match(fact)), cls, f"the fact {fact!r} must read aggregate.past-tense")
        cls.contract = Contract("event", service, version, fact)
        id_field = cls.contract.aggregate_field
        _must(id_field in cls.model_fields, cls, f"needs the field {id_field}")
        for path, data_class in data_classes(cls):
            _must(
                data_class in (DataClass.PUBLIC, DataClass.INTERNAL),
                cls,
                f"{path} is {data_class}: not in an event",
            )


def _declare_request(
    cls: type[Request[Any]],
    kind: Literal["command", "query"],
    name: str,
    *,
    permission: str,
    http: str,
    refusals: tuple[str, ...] = (),
    mints: str = "",
) -> None:
    service, version = _home(cls)
    route = HTTP.match(http)
    _must(bool(NAME.match(name)), cls, f"the name {name!r} is not kebab-case")
    _must(bool(permission), cls, "names no permission")
    if route is None:
        raise TypeError(f"{cls.__name__}: http must read like 'POST /v1/things/{{id}}', not {http!r}")
    _must((kind == "query") == (route[1] == "GET"), cls, "queries are GET, commands are not")
    reply = next((arguments[0] for base in cls.__mro__[1:] if (arguments := _arguments(base))), None)
    _must(reply is not None, cls, "names no reply: Command[Reply]")
    if kind == "command" and reply is not None:  # the command log keeps replies, and is nobody's home (promise 13)
        kept = [path for path, data_class in data_classes(reply) if data_class in PERSONS]
        _must(not kept, cls, f"replies with data of a person: {kept}")
    unkept = frozenset(
        path.partition(".")[0] for path, data_class in data_classes(cls) if data_class in (*PERSONS, DataClass.SECRET)
    )
    _must(not mints or mints in cls.model_fields, cls, f"mints the unknown field {mints}")
    shown_once = _secrets_of_reply(cls, reply) if kind == "command" and reply is not None else frozenset()
    cls.contract = Contract(
        kind, service, version, name, permission, Route(route[1], route[2]), refusals, reply, mints, unkept, shown_once
    )
    unknown = set(cls.contract.route.parameters if cls.contract.route else ()) - set(cls.model_fields)
    _must(not unknown, cls, f"the path names unknown fields {sorted(unknown)}")


def _secrets_of_reply(cls: type[Request[Any]], reply: type[Part]) -> frozenset[str]:
    """The secret fields of a reply, each of which may be None: what is kept for repeats leaves them out."""
    found = frozenset(path for path, data_class in data_classes(reply) if data_class is DataClass.SECRET)
    for path in found:
        field = reply.model_fields.get(path)
        _must(field is not None and field.default is None, cls, f"replies with a secret that cannot be None: {path}")
    return found


def _arguments(base: type) -> tuple[Any, ...]:
    """What a generic base was given in brackets: `Command[EnrolmentState]` -> (EnrolmentState,)."""
    return base.__pydantic_generic_metadata__["args"] if issubclass(base, BaseModel) else ()


def _home(cls: type) -> tuple[str, int]:
    found = MODULE.search(cls.__module__)
    if found is None:
        raise TypeError(f"{cls.__name__} is declared in {cls.__module__}, not in <service>/v<n>")
    return found["service"], int(found["version"])


def _must(holds: bool, cls: type, why: str) -> None:
    if not holds:
        raise TypeError(f"{cls.__name__}: {why}")


def data_classes(model: type[BaseModel], path: str = "") -> Iterable[tuple[str, DataClass]]:
    """Each leaf field of a message with its data class. Raises TypeError for text that declares none."""
    for name, field in model.model_fields.items():
        where = f"{path}{name}"
        declared = next((mark for mark in field.metadata if isinstance(mark, DataClass)), None)
        yield from _leaves(where, field.annotation, declared)


def _leaves(where: str, annotation: Any, declared: DataClass | None) -> Iterable[tuple[str, DataClass]]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        own = next((mark for mark in marks if isinstance(mark, DataClass)), None)
        yield from _leaves(where, inner, declared or own)
    elif (origin is not None and origin is not Literal) or isinstance(annotation, UnionType):
        for argument in get_args(annotation):
            if argument not in (type(None), Ellipsis):
                yield from _leaves(where, argument, declared)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from data_classes(annotation, f"{where}.")
    elif isinstance(annotation, type) and issubclass(annotation, tuple) and hasattr(annotation, "_fields"):
        for name, hint in get_type_hints(annotation, include_extras=True).items():
            yield from _leaves(f"{where}.{name}", hint, declared)
    elif isinstance(annotation, type) and issubclass(annotation, str) and not issubclass(annotation, Enum):
        if declared is None:
            raise TypeError(f"{where}: text must declare its data class")
        yield where, declared
    else:
        yield where, declared or DataClass.INTERNAL
