"""Every migration of the house is linted by squawk, and squawk is seen to catch what would block or break release N."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.service import CHECKOUT
from services.chassis.migrate import NO_TRANSACTION

CONFIG = CHECKOUT / "deploy" / "postgres" / "squawk.toml"
PLACES = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
BARE = (
    "CREATE INDEX CONCURRENTLY",
    "CREATE UNIQUE INDEX CONCURRENTLY",
    "DROP INDEX CONCURRENTLY",
    "ALTER TABLE",
    "DO ",
)
"""What may run without a transaction, and so without the short limits: it holds nobody up. ALTER TABLE to VALIDATE."""


def lint(sql: str) -> str:
    """What squawk says of a migration; empty when nothing is wrong."""
    squawk = shutil.which("squawk", path=PLACES)
    assert squawk, "squawk is missing: install requirements-test.lock"
    bare = ["--no-assume-in-transaction"] if sql.startswith(NO_TRANSACTION) else []
    command = [squawk, "--config", str(CONFIG), "--reporter", "gcc", *bare, "--stdin-filepath", "migration.sql"]
    done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def body(sql: str) -> str:
    """The statement of a migration without its comments."""
    return "\n".join(line for line in sql.splitlines() if not line.startswith("--")).strip()


@pytest.mark.parametrize(
    "file", sorted(CHECKOUT.glob("services/*/migrations/*.sql")), ids=lambda file: f"{file.parts[-3]}/{file.stem}"
)
def test_a_migration_of_the_house_blocks_nobody_and_breaks_no_running_release(file: Path) -> None:
    sql = file.read_text("utf-8")

    assert lint(sql) == ""
    if sql.startswith(NO_TRANSACTION):
        assert body(sql).startswith(BARE)
        assert not body(sql).startswith("ALTER TABLE") or "VALIDATE CONSTRAINT" in sql


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("require-concurrent-index-creation", "CREATE INDEX outbox_at ON outbox (at);"),
        ("adding-field-with-default", "ALTER TABLE outbox ADD COLUMN seen timestamptz DEFAULT clock_timestamp();"),
        ("adding-required-field", "ALTER TABLE outbox ADD COLUMN epoch bigint NOT NULL;"),
        ("adding-not-nullable-field", "ALTER TABLE outbox ALTER COLUMN stream_seq SET NOT NULL;"),
        ("changing-column-type", "ALTER TABLE outbox ALTER COLUMN version TYPE bigint;"),
        ("ban-drop-column", "ALTER TABLE outbox DROP COLUMN at;"),
        ("ban-drop-table", "DROP TABLE timer;"),
        ("renaming-column", "ALTER TABLE outbox RENAME COLUMN at TO said_at;"),
        ("renaming-table", "ALTER TABLE outbox RENAME TO archive;"),
        ("constraint-missing-not-valid", "ALTER TABLE outbox ADD CONSTRAINT early CHECK (version < 1000);"),
        ("disallowed-unique-constraint", "ALTER TABLE outbox ADD CONSTRAINT once UNIQUE (event_id);"),
        (
            "ban-concurrent-index-creation-in-transaction",
            "ALTER TABLE outbox ADD COLUMN epoch bigint;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a ON outbox (at);",
        ),
        ("prefer-robust-stmts", f"{NO_TRANSACTION}\nCREATE INDEX CONCURRENTLY outbox_at ON outbox (at);"),
    ],
)
def test_a_blocking_or_breaking_migration_is_refused(rule: str, sql: str) -> None:
    assert rule in lint(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE award (award_id uuid PRIMARY KEY);\nCREATE INDEX award_first ON award (award_id);",
        "ALTER TABLE outbox ADD COLUMN epoch bigint;",
        "ALTER TABLE outbox ADD COLUMN epoch bigint NOT NULL DEFAULT 1;",
        "ALTER TABLE outbox ADD CONSTRAINT early CHECK (version < 1000) NOT VALID;",
        f"{NO_TRANSACTION}\n-- squawk-ignore prefer-robust-stmts\nALTER TABLE outbox VALIDATE CONSTRAINT early;",
        f"{NO_TRANSACTION}\nCREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_at ON outbox (at);",
        "-- squawk-ignore ban-drop-column\nALTER TABLE outbox DROP COLUMN at;",
    ],
)
def test_the_steps_of_expand_and_contract_pass(sql: str) -> None:
    assert lint(sql) == ""
