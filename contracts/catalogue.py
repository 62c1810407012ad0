"""Every message of the system, found by class, subject or type."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

from .activities import v1 as activities_v1
from .message import Command, Event, Message, Query, Request
from .notify import v1 as notify_v1
from .registry import v1 as registry_v1
from .volunteers import v1 as volunteers_v1

MODULES: Final = (registry_v1, activities_v1, volunteers_v1, notify_v1)
SERVICES: Final = ("registry", "activities", "volunteers", "notify")


def _messages(module: ModuleType) -> Iterator[type[Message]]:
    for declared in vars(module).values():
        if isinstance(declared, type) and issubclass(declared, Message) and "contract" in vars(declared):
            yield declared


MESSAGES: Final[tuple[type[Message], ...]] = tuple(
    each for module in MODULES for each in sorted(_messages(module), key=lambda message: message.contract.type)
)
"""By service and type: what is generated does not change when a class moves to another file."""
COMMANDS: Final[tuple[type[Command[Any]], ...]] = tuple(each for each in MESSAGES if issubclass(each, Command))
QUERIES: Final[tuple[type[Query[Any]], ...]] = tuple(each for each in MESSAGES if issubclass(each, Query))
EVENTS: Final[tuple[type[Event], ...]] = tuple(each for each in MESSAGES if issubclass(each, Event))
REQUESTS: Final[tuple[type[Request[Any]], ...]] = (*COMMANDS, *QUERIES)

_BY_TYPE: Final[dict[str, type[Message]]] = {each.contract.type: each for each in MESSAGES}


def by_type(type_name: str) -> type[Message] | None:
    """The message class of a CloudEvents type or None."""
    return _BY_TYPE.get(type_name)


def event_by_type(type_name: str) -> type[Event] | None:
    found = _BY_TYPE.get(type_name)
    return found if found is not None and issubclass(found, Event) else None


def event_of_subject(subject: str) -> type[Event] | None:
    """The event class of a full subject `evt.<service>.<aggregate>.<fact>.v<n>.<region…>` or None."""
    parts = subject.split(".")
    return event_by_type(f"linli.{'.'.join(parts[1:4])}.{parts[4]}") if len(parts) == 9 else None


def of_service(service: str) -> tuple[type[Message], ...]:
    return tuple(each for each in MESSAGES if each.contract.service == service)
