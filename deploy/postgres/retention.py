"""How long a service's database keeps what it no longer needs every day; the running service can only read it."""

from typing import Final

import asyncpg
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.local.words import say
from services.chassis.migrate import MigrationRefused

SET_POLICY: Final = """
INSERT INTO retention (stream_days, archive_days, inbox_days, answer_days, audit_days) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (one) DO UPDATE SET (stream_days, archive_days, inbox_days, answer_days, audit_days) =
    ROW (EXCLUDED.stream_days, EXCLUDED.archive_days, EXCLUDED.inbox_days, EXCLUDED.answer_days, EXCLUDED.audit_days)
"""


class Policy(BaseSettings):
    """Days, from the environment (prefix LINLI_). Months go as a whole, when their last day is older than that."""

    model_config = SettingsConfigDict(env_prefix="LINLI_", frozen=True, extra="ignore")

    archive_days: int = 0
    """Published events in the outbox; 0 keeps them for ever, so that read models can be rebuilt (promise 8)."""
    inbox_days: int = 92
    """What consumers have had: at least twice as long as the stream keeps an event."""
    answer_days: int = 92
    """Answers kept for repeated commands, and fired timers."""
    audit_days: int = 1127
    """The audit log: three years and a month at least (PIPL 56, Network Data Security Regulation 12); 0 for ever."""


async def set_policy(owner_dsn: str, policy: Policy, stream_days: int) -> None:
    """Writes the policy into a database, as its owner. Raises MigrationRefused for one the stream would outlive."""
    database = await asyncpg.connect(owner_dsn, timeout=10)
    try:
        kept = policy.archive_days, policy.inbox_days, policy.answer_days, policy.audit_days
        await database.execute(SET_POLICY, stream_days, *kept)
    except asyncpg.CheckViolationError as error:
        raise MigrationRefused(
            say(
                f"保存期限被拒绝({error.constraint_name})：消息流保存 {stream_days} 天，LINLI_ARCHIVE_DAYS 须为 0 "
                f"或大于它，LINLI_INBOX_DAYS 至少 {2 * stream_days},LINLI_ANSWER_DAYS 至少 31,"
                "LINLI_AUDIT_DAYS 须为 0 或至少 1127。请改正后重试。",
                f"The policy is refused ({error.constraint_name}): the stream keeps {stream_days} days, so "
                f"LINLI_ARCHIVE_DAYS must be 0 or more than that, LINLI_INBOX_DAYS at least {2 * stream_days}, "
                "LINLI_ANSWER_DAYS at least 31, LINLI_AUDIT_DAYS 0 or at least 1127. Mend it and start again.",
            )
        ) from error
    finally:
        await database.close()
