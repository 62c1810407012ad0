"""Messages that cannot be handled: stored with bytes, reason and attempts before the stream lets go of them."""

from datetime import datetime
from typing import Any, Final

from nats.aio.msg import Msg
from pydantic_core import to_json

from contracts.region import NOWHERE, is_code, named_by

from .database import Pool, Pooled
from .scope import EVERYWHERE, transaction

ADD: Final = """
INSERT INTO quarantine (consumer, subject, stream_seq, headers, body, reason, attempts, at, region)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7, $8, $9)
ON CONFLICT (consumer, stream_seq, sha256(body)) DO NOTHING
"""
COUNT_OPEN: Final = "SELECT count(*) FROM quarantine WHERE ended_at IS NULL"
LIST_WAITING: Final = "SELECT stream_seq FROM quarantine WHERE consumer = $1 AND ended_at IS NULL"
LIST_OPEN: Final = """
SELECT id, consumer, subject, region, stream_seq, reason, attempts, at FROM quarantine
WHERE ended_at IS NULL ORDER BY id LIMIT $1
"""
GET: Final = "SELECT * FROM quarantine WHERE id = $1"
END: Final = """
UPDATE quarantine SET ended_at = $2, ending = $3, ended_why = $4 WHERE id = $1 AND ended_at IS NULL
"""
BEGIN: Final = """
INSERT INTO begun (consumer, stream_seq, times, at) VALUES ($1, $2, 1, $3)
ON CONFLICT (consumer, stream_seq) DO UPDATE SET times = begun.times + 1, at = EXCLUDED.at RETURNING times
"""
CAME_TO_AN_END: Final = "DELETE FROM begun WHERE consumer = $1 AND stream_seq = $2"

# How long a failed event rests before the next try; after the last one it goes to quarantine (promise 4).
DELAYS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


def delay_after(failures: int) -> float | None:
    """Seconds to the next try after so many failures, None when it is time for quarantine."""
    return DELAYS[failures - 1] if failures <= len(DELAYS) else None


async def put(pool: Pool, consumer: str, message: Msg, reason: str, attempts: int, now: datetime) -> bool:
    """Stores a message with its bytes, in the region that its subject names; False the second time."""
    # PostgreSQL keeps no NUL in a text; nobody may hinder that a message is put away.
    headers = to_json({name: value.replace("\0", "\ufffd") for name, value in (message.headers or {}).items()}).decode()
    seq, named = delivery_of(message)[1], named_by(message.subject)
    region = named if is_code(named) else NOWHERE
    async with pool.acquire() as database, transaction(database, EVERYWHERE):
        done = await database.execute(
            ADD, consumer, message.subject, seq, headers, message.data, reason, attempts, now, region
        )
    return done.endswith("1")


async def count_open(database: Pooled) -> int:
    """How many wait for a person."""
    async with transaction(database, EVERYWHERE, read_only=True):
        return int(await database.fetchval(COUNT_OPEN))


async def list_waiting(pool: Pool, consumer: str) -> list[int]:
    """The places in the stream of a consumer's messages that wait for a person."""
    async with pool.acquire() as database, transaction(database, EVERYWHERE, read_only=True):
        return [row["stream_seq"] for row in await database.fetch(LIST_WAITING, consumer)]


async def begin(pool: Pool, consumer: str, message: Msg, now: datetime) -> int:
    """Writes down that a message is begun; how often that was so since it last came to an end."""
    return int(await pool.fetchval(BEGIN, consumer, delivery_of(message)[1], now))


async def end(pool: Pool, consumer: str, message: Msg) -> None:
    """Its handler has ended, and the process lives."""
    await pool.execute(CAME_TO_AN_END, consumer, delivery_of(message)[1])


def delivery_of(message: Msg) -> tuple[int, int]:
    """How often the server delivered the message, and its sequence in the stream."""
    parts: list[Any] = message.reply.split(".")
    offset = 2 if len(parts) >= 11 else 0  # the longer form names domain and account first
    return int(parts[4 + offset]), int(parts[5 + offset])
