"""Messages that cannot be handled: stored with bytes, reason and attempts before the stream lets go of them."""

from datetime import datetime
from typing import Any, Final

from nats.aio.msg import Msg
from pydantic_core import to_json

from .database import Pool

ADD: Final = """
INSERT INTO quarantine (consumer, subject, stream_seq, headers, body, reason, attempts, at)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7, $8) ON CONFLICT (consumer, stream_seq) DO NOTHING
"""
COUNT_OPEN: Final = "SELECT count(*) FROM quarantine WHERE ended_at IS NULL"
LIST_OPEN: Final = """
SELECT id, consumer, subject, stream_seq, reason, attempts, at FROM quarantine
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
    """Stores a message with its bytes; False the second time."""
    headers = to_json(dict(message.headers or {})).decode()
    seq = delivery_of(message)[1]
    done = await pool.execute(ADD, consumer, message.subject, seq, headers, message.data, reason, attempts, now)
    return done.endswith("1")


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
