"""What the stream really holds, read message by message.

A service may ask for single messages of its own stream and for nothing else there: the right to make a consumer, or to
be answered with bare messages, would be the right to have the server send them to any subject.
"""

import asyncio
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from nats.aio.client import Client as Nats
from pydantic_core import from_json, to_json

ID: Final = b"Nats-Msg-Id: "
AT_ONCE: Final = 100
ANSWER_SECONDS: Final = 5.0
NOT_FOUND: Final = 10_037
ANCHOR_STREAM: Final = "AUDIT_ANCHORS"
"""Holds the heads of all services' audit logs, each under its `anchor_subject`."""


def anchor_subject(service: str) -> str:
    return f"anchor.{service}"


class NotAnswered(Exception):
    """JetStream answered with another error than that there is no such message; `code` is its error code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as the stream holds it."""

    event_id: UUID
    aggregate: str
    aggregate_id: UUID
    version: int
    epoch: int


class Stream:
    """The stream of one service. Raises TimeoutError while the server is away, NotAnswered when there is no stream."""

    def __init__(self, nats: Nats, service: str) -> None:
        self.name = f"EVT_{service.upper()}"
        self._nats = nats
        self._subjects = f"evt.{service}.>"

    @property
    def server(self) -> str:
        """The id of the server we are connected to: another one after each start."""
        return str(self._nats._server_info["server_id"])  # nats-py tells it nowhere else

    async def ids_at(self, sequences: Iterable[int]) -> dict[int, str]:
        """The message id at each sequence where something can be read."""
        room = asyncio.Semaphore(AT_ONCE)

        async def id_at(seq: int) -> tuple[int, str | None]:
            async with room:
                return seq, _id_of(await self._message(seq=seq))

        found = await asyncio.gather(*(id_at(seq) for seq in set(sequences)))
        return {seq: id for seq, id in found if id is not None}

    async def newest(self) -> Stored | None:
        """The newest event, None where there is none, or what is there is no event."""
        try:
            message = await self._message(last_by_subj=self._subjects)
            event, aggregate = from_json(b64decode(message["data"])), message["subject"].split(".")[2]
            ids = UUID(event["id"]), UUID(event["subject"])
            return Stored(ids[0], aggregate, ids[1], int(event["aggversion"]), int(event.get("epoch", 1)))
        except (ValueError, KeyError, TypeError, IndexError):
            return None

    async def _message(self, **which: Any) -> dict[str, Any]:
        return await get_message(self._nats, self.name, **which)


async def get_message(nats: Nats, stream: str, **which: Any) -> dict[str, Any]:
    """A stored message as the API gives it (base64); empty where there is none, or it cannot be read."""
    answer = from_json((await nats.request(f"$JS.API.STREAM.MSG.GET.{stream}", to_json(which), ANSWER_SECONDS)).data)
    code = answer.get("error", {}).get("err_code")
    if code is not None and code != NOT_FOUND:
        raise NotAnswered(code)
    message: dict[str, Any] = answer.get("message", {})
    return message


def _id_of(message: dict[str, Any]) -> str | None:
    """The message id in the headers: nothing without one, None without a message. Pure."""
    if not message:
        return None
    return b64decode(message.get("hdrs", "")).partition(ID)[2].partition(b"\r\n")[0].decode()
