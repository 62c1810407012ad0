"""The house rules that every contract keeps; each finding says what is wrong and where."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError

from .. import envelope
from ..catalogue import EVENTS, MESSAGES, REQUESTS
from ..data import DataClass
from ..message import Event, Message, Route, data_classes
from ..refusals import GENERAL, Reason, all_reasons
from .inventory import codes
from .samples import STREET, event_sample, request_sample

TOKEN: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_TOKENS, MAX_LENGTH = 16, 255
ID_NUMBER: Final = "11010519491231002X"
"""The specimen of GB 11643: nobody's."""
PARAMETER: Final = re.compile(r"\{(\w+)\}")
CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")


def findings() -> Iterator[str]:
    """Everything that breaks a rule; nothing when all is well."""
    yield from _names()
    yield from _routes(routes())
    yield from _data()
    yield from reason_findings(dict(all_reasons()), set(codes()))


def _names() -> Iterator[str]:
    yield from _repeated("class", [kind.__name__ for kind in MESSAGES])
    yield from _repeated("type", [kind.contract.type for kind in MESSAGES])
    yield from _repeated("subject", [kind.contract.subject for kind in MESSAGES])
    for kind in MESSAGES:
        yield from subject_findings(_subject(kind))


def _subject(kind: type[Message]) -> str:
    return envelope.subject_of(kind, STREET) if issubclass(kind, Event) else kind.contract.subject


def subject_findings(subject: str) -> Iterator[str]:
    """A subject is at most 16 kebab-case tokens and 255 ASCII characters."""
    tokens = subject.split(".")
    if len(tokens) > MAX_TOKENS or len(subject) > MAX_LENGTH:
        yield f"the subject {subject} has more than {MAX_TOKENS} tokens or {MAX_LENGTH} characters"
    yield from (f"the token {token!r} of {subject} is not kebab-case" for token in tokens if not TOKEN.fullmatch(token))


def routes() -> list[tuple[str, Route]]:
    """Every HTTP route with the class it belongs to, the event stream of the gateway too."""
    declared = [(kind.__name__, kind.contract.route) for kind in REQUESTS if kind.contract.route]
    return [*declared, ("GET /v1/events", Route("GET", "/v1/events"))]


def _routes(declared: list[tuple[str, Route]]) -> Iterator[str]:
    for number, (name, route) in enumerate(declared):
        for other, rival in declared[:number]:
            if route.method == rival.method and is_ambiguous(route.path, rival.path):
                yield f"{name} and {other} have routes that one request may mean: {route.path}, {rival.path}"


def is_ambiguous(first: str, second: str) -> bool:
    """Whether one path fits both and neither is the more exact one at the first place where they differ."""
    pairs = list(zip(first.split("/"), second.split("/"), strict=False))
    if first.count("/") != second.count("/"):
        return False
    if any("{" not in one + other and one != other for one, other in pairs):
        return False
    exact = [(one.startswith("{"), other.startswith("{")) for one, other in pairs]
    return all(one == other for one, other in exact) or ((True, False) in exact and (False, True) in exact)


def _data() -> Iterator[str]:
    for event in EVENTS:
        for path, found in data_classes(event):
            if found not in (DataClass.PUBLIC, DataClass.INTERNAL):
                yield f"{event.__name__}.{path} is {found}: events carry no data of people"
    for kind in MESSAGES:
        try:
            data = event_sample(kind)["data"] if issubclass(kind, Event) else request_sample(kind)
        except ValueError as why:  # NoSample, or what is there no longer fits: said, so that the other gates go on
            yield f"{kind.__name__} has no sample: {' '.join(str(why).split())}. Name a value in values.py"
        else:
            yield from id_number_findings(kind, data)


def id_number_findings(kind: type[Message], data: Any) -> Iterator[str]:
    """Text fields that take an identity number, alone or beside other text."""
    for path, text in _texts(data):
        for number in (ID_NUMBER, ID_NUMBER.lower()):
            for written in (number, f"{number}@example.org", *(f"{text}{mark}{number}" for mark in ".-/ ")):
                if _takes(kind, _replaced(data, path, written)):
                    yield f"{kind.__name__}.{'.'.join(map(str, path))} takes an identity number: {written}"


def _texts(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _texts(value, (*path, key))


def _replaced(data: Any, path: tuple[str | int, ...], value: str) -> Any:
    if not path:
        return value
    changed: Any = dict(data) if isinstance(data, dict) else list(data)
    changed[path[0]] = _replaced(data[path[0]], path[1:], value)
    return changed


def _takes(kind: type[Message], data: Any) -> bool:
    try:
        kind.model_validate(data)
    except ValidationError:
        return False
    return True


def reason_findings(reasons: dict[str, Reason], used: set[str]) -> Iterator[str]:
    """Codes that nobody gives or nobody declared, and sentences that say less in one language."""
    yield from (f"the reason code {code} is declared but no contract gives it" for code in reasons.keys() - used)
    yield from (f"the reason code {code} is not in the closed list" for code in used - reasons.keys() - GENERAL.keys())
    for code, reason in reasons.items():
        if not TOKEN.fullmatch(code):
            yield f"the reason code {code!r} is not kebab-case"
        if not CHINESE.search(reason.zh) or CHINESE.search(reason.en) or not reason.en.strip():
            yield f"{code} needs a sentence in Chinese and one in English"
        if set(PARAMETER.findall(reason.zh)) != set(PARAMETER.findall(reason.en)):
            yield f"{code} names other parameters in Chinese than in English"


def _repeated(what: str, names: list[str]) -> Iterator[str]:
    yield from (f"the {what} {name} is declared {times} times" for name, times in Counter(names).items() if times > 1)
