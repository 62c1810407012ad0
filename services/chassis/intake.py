"""Opens command messages, single and batch, into slots that each get one answer."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from nats.aio.msg import Msg
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json
from uuid_utils.compat import uuid7

from contracts import wire
from contracts.envelope import TRACEPARENT
from contracts.message import Command, Part, json_of
from contracts.refusals import Refusal, Refused

from .access import decide
from .errors import invalid
from .handlers import Asked
from .logs import kind_of, log
from .tally import Tally
from .tokens import Verifier, bearer
from .transaction import Cause


@dataclass(slots=True)
class Slot:
    """One command that waits for its answer. `asked` is None when it was refused at the door."""

    asked: Asked[Any] | None
    fingerprint: bytes = b""
    answer: bytes = b""
    shown_once: frozenset[str] = frozenset()

    def refuse(self, refusal: Refusal) -> None:
        self.answer = wire.outcome_to_json(refusal)

    @property
    def kept(self) -> bytes:
        """The answer as a repeat gets it: without the secrets that are shown once."""
        outcome = self.asked.outcome if self.asked is not None else None
        if not self.shown_once or not isinstance(outcome, Part):
            return self.answer
        return wire.outcome_to_json(outcome.model_copy(update=dict.fromkeys(self.shown_once)))


@dataclass(frozen=True, slots=True)
class Call:
    """One NATS message with one command, or a batch of them."""

    reply_to: str
    many: bool
    slots: list[Slot]

    @property
    def body(self) -> bytes:
        """The answers in the order of the commands."""
        if not self.many:
            return self.slots[0].answer
        return b"[" + b",".join([slot.answer for slot in self.slots]) + b"]"


class Intake:
    """Reads the messages of one command: schema, token, permission, deadline."""

    def __init__(self, command: type[Command[Any]], verifier: Verifier, tally: Tally) -> None:
        self._command = command
        self._permission = command.contract.permission
        self._name = command.contract.name.encode()
        self._unkept = set(command.contract.unkept) or None
        self._verifier = verifier
        self._tally = tally

    @cached_property
    def _batch_reader(self) -> TypeAdapter[list[wire.Item[Any]]]:
        return wire.reader_of(self._command)

    def open(self, message: Msg) -> Call:
        """Never raises: what cannot be read is a slot that is answered already."""
        headers = message.headers or {}
        sender = bearer(headers.get(wire.AUTHORIZATION))
        many = wire.BATCH in headers
        try:
            slots = (
                self._open_batch(message.data, sender) if many else [self._open_single(message.data, headers, sender)]
            )
        except (ValueError, ArithmeticError, Refused) as error:
            return Call(message.reply, False, [_refused(invalid(error))])
        except Exception as error:
            incident = str(uuid7())
            log.error("a command could not be opened", subject=message.subject, incident=incident, error=kind_of(error))
            return Call(message.reply, False, [_refused(Refusal("internal-error", incident=incident))])
        return Call(message.reply, many, slots)

    def _open_single(self, body: bytes, headers: dict[str, str], sender: str | None) -> Slot:
        if len(body) > wire.MAX_BYTES:
            raise Refused("message-too-large", limit=wire.MAX_BYTES)
        command = self._command.model_validate_json(body)
        return self._admit(_command_id(headers), command, sender, _deadline(headers), headers.get(wire.TRACEPARENT))

    def _open_batch(self, body: bytes, sender: str | None) -> list[Slot]:
        try:
            items = self._batch_reader.validate_json(body)
        except ValidationError:
            raw = from_json(body)
            if not isinstance(raw, list):
                raise
            return [self._open_item(entry, sender) for entry in _bounded(raw)]
        return [self._admit_item(item, sender) for item in _bounded(items)]

    def _open_item(self, raw: Any, sender: str | None) -> Slot:
        try:
            return self._admit_item(self._batch_reader.validate_json(b"[" + to_json(raw) + b"]")[0], sender)
        except ValidationError as error:
            return _refused(invalid(error))

    def _admit_item(self, item: wire.Item[Any], sender: str | None) -> Slot:
        return self._admit(item.id, item.data, item.token or sender, item.deadline, item.traceparent)

    def _admit(
        self, id: UUID, command: Any, token: str | None, deadline: datetime | None, traceparent: str | None
    ) -> Slot:
        try:
            actor = self._verifier.actor(token)
        except Refused as refused:
            return _refused(refused.refusal)
        denied = decide(actor, self._permission)
        if denied is not None:
            self._tally.note_refusal(actor, denied, command)
            return _refused(denied)
        if deadline is not None and deadline < datetime.now(UTC):
            return _refused(Refusal("deadline-expired"))
        # Without what was left open, so that two releases that take turns know the same command by the same print. And
        # without values of people: of a name and an id a print is guessed, and would outlive the person's erasure.
        said = json_of(command, exclude_defaults=True, exclude=self._unkept)
        content = b"\0".join((self._name, actor.id.encode(), said))
        trace = traceparent if traceparent and TRACEPARENT.fullmatch(traceparent) else None
        asked = Asked(id, command, actor, Cause(actor.id, actor.region, id, id, trace))
        mark = hashlib.blake2b(content, digest_size=16).digest()
        return Slot(asked, mark, shown_once=self._command.contract.shown_once)


def _refused(refusal: Refusal) -> Slot:
    return Slot(None, answer=wire.outcome_to_json(refusal))


def _bounded(items: list[Any]) -> list[Any]:
    if not 1 <= len(items) <= wire.MAX_BATCH:
        raise Refused("batch-too-large", limit=wire.MAX_BATCH)
    return items


def _command_id(headers: dict[str, str]) -> UUID:
    try:
        return UUID(headers[wire.COMMAND_ID])
    except (KeyError, ValueError):
        raise _wrong_header(wire.COMMAND_ID, "uuid_missing") from None


def _deadline(headers: dict[str, str]) -> datetime | None:
    """A time without its zone is no time."""
    try:
        deadline = datetime.fromisoformat(headers[wire.DEADLINE]) if headers.get(wire.DEADLINE) else None
    except ValueError:
        raise _wrong_header(wire.DEADLINE, "datetime_parsing") from None
    if deadline is not None and deadline.tzinfo is None:
        raise _wrong_header(wire.DEADLINE, "timezone_aware")
    return deadline


def _wrong_header(name: str, problem: str) -> Refused:
    return Refused("invalid-message", errors=[{"pointer": f"#{name}", "problem": problem}])
