"""A land with one row of every protected table in each of its regions; an id is made of its field and region."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

from pydantic_core import to_json

from tests.access.rules import TABLES, Rule, protected
from tests.under_test import ServiceUnderTest

REGIONS: Final = (
    "350000000000", "350500000000", "350503000000", "350503001000", "350503001001", "350503001002", "350503002001",
    "350502000000", "350502001001", "360100000000", "360102003004", "500236100000",
)  # fmt: skip
SPACE: Final = UUID("01990000-0000-7000-8000-0000000000ac")
SAME: Final = dict.fromkeys(("contact_id", "recipient", "given_by", "approver_id", "child_id"), "person_id")
"""Fields that hold the id of something that is called otherwise where it is at home."""
OTHER: Final = {("site_draft", "site_id"): "draft_id", ("hours_entry", "stint_id"): "credited_stint_id"}
"""Columns that hold another id than their like: a draft is no site yet, and what is credited waits no more."""
VALUES: Final[dict[str, Any]] = {
    "audit.action": "record-read",
    "division.level": "community",
    "unit.level": "street",
    "unit.kind": "federation",
    "site_type": "childrens_home",
    "site.status": "opened",
    "appointment.post": "chair",
    "consent.method": "app",
    "purpose": "activities",
    "retention_months": 24,
    "record_access.reason": "care",
    "person_request.kind": "access",
    "person_request.status": "open",
    "person_request.counted": "working-days",
    "due_on": date(2026, 12, 31),
    "record_access.status": "opened",
    "review_by": datetime(2026, 12, 31, tzinfo=UTC),
    "record_access.minutes": 60,
    "age_band": "35-59",
    "language": "zh",
    "person.name": "演示居民",
    "silenced.state": "restricted",
    "expires_at": datetime(2026, 12, 31, tzinfo=UTC),
    "until": date(2026, 12, 31),
    "session.status": "published",
    "session.title": "四点半课堂",
    "session_change.series_id": None,  # an id of the land: in earnest a trigger fills it
    "session.place": "儿童之家",
    "cadence.rule": "weekly-1",
    "cadence.outcome": "kept",
    "plan_upload.status": "drafted",
    "session_template.design": {"title": "讲座", "programme_id": str(UUID(int=1)), "minutes": 90, "capacity": 20},
    "starts_at": datetime(2026, 6, 3, 7, tzinfo=UTC),
    "ends_at": datetime(2026, 6, 3, 9, tzinfo=UTC),
    "ends": time(20),
    "closes": time(20),
    "capacity": 20,
    "seats_taken": 1,
    "audience": ["35-59"],
    "enrolment.status": "confirmed",
    "queue_step.step": "placed",
    "scan.mark": "check_in",
    "draw.allocation": "lottery",
    "draw.seed": "seed",
    "draw.commitment": sha256(b"seed").hexdigest(),
    "draw_entry.lot": sha256(b"lot").hexdigest(),
    "lapses_at": datetime(2026, 12, 31, tzinfo=UTC),
    "suspended_until": datetime(2026, 12, 31, tzinfo=UTC),
    "appeal.reason": "ill",
    "quota.name": "open",
    "quota.seats": 20,
    "clearance.kind": "background_check",
    "shift.needed": 2,
    "shift.assigned": 1,
    "legal_form": "filed",
    "grade": "device_verified",
    "stint.status": "closed",
    "stint.minutes": 60,
    "stint.closed_by": "somebody",
    "stint.checked_out_at": datetime(2026, 6, 2, 9, tzinfo=UTC),
    "shift_ends_at": datetime(2026, 6, 2, 9, tzinfo=UTC),
    "notice.status": "sent",
    "notice.channel": "inbox",
    "sent_at": datetime(2026, 6, 2, 9, tzinfo=UTC),
    "subject": "提醒",
    "text": "明天开课",
    "facts": {},
    "endpoint.status": "active",
    "url": "https://example.org/hook",
    "webhook_delivery.status": "planned",
    "level": 12,
    "tally.kind": "all",
    "pass_rule.kind": "programme",
    "course_pass.kind": "programme",
    "course_pass.visits": 10,
    "course_pass.used": 1,
    "visit.outcome": "nobody_home",
    "follow_up.status": "open",
    "period": "2026-05",
    "rule": "attendance-count-1",
    "calendar_feed.kind": "site",
    "count_change.kind": "counted",
    "certified_count.kind": "all",
    "presence.times": [1] * 19,
    "tally.persons": 0,
}
"""What a column needs that has constraints, by its name or, where names meet, by table and name."""
BY_TYPE: Final[dict[str, Any]] = {
    "integer": 1,
    "bigint": 1,
    "integer[]": [1],
    "boolean": True,
    "bytea": b"x",
    "jsonb": [],
    "text[]": ["x"],
    "date": date(2026, 6, 2),
    "date[]": [],
    "time without time zone": time(8),
    "timestamp with time zone": datetime(2026, 6, 2, 7, tzinfo=UTC),
}
COLUMNS: Final = """
SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AND NOT atthasdef AS needed
FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''
"""


def id_of(field: str, region: str) -> UUID:
    """The id that a field has in a region: the same in every table and message of the land."""
    return uuid5(SPACE, f"{SAME.get(field, field)}:{region}")


ANCHORS: Final = {
    str(id_of(field, region)): region
    for region in REGIONS
    for table in TABLES.values()
    for field in {rule.anchor for rule in table.values()}
}


def region_of(anchor: Any) -> str | None:
    """Where a row belongs by its anchor, an id or a region; None for an id that is not of this land."""
    text = str(anchor)
    return ANCHORS.get(text) if len(text) == len(str(SPACE)) else text


class Land:
    """The rows, and what an administrator sees of them."""

    def __init__(self, place: ServiceUnderTest) -> None:
        self.place = place
        self.rules: Mapping[str, Rule] = protected(place.service.name)
        self.rows: dict[str, dict[str, dict[str, Any]]] = {}
        self.seen: Counter[tuple[Any, ...]] = Counter()

    @classmethod
    async def settled(cls, place: ServiceUnderTest) -> "Land":
        land = cls(place)
        tables = [*land.rules, *(["division"] if place.service.name == "registry" else [])]
        async with place.admin.transaction():
            await place.admin.execute("SET LOCAL session_replication_role = replica")  # rows come in any order
            for table in tables:
                land.rows[table] = {region: await land._made(table, region) for region in REGIONS}
                for row in land.rows[table].values():
                    await add(place.admin, table, row)
        return land

    async def _made(self, table: str, region: str) -> dict[str, Any]:
        columns = await self.place.admin.fetch(COLUMNS, table)
        anchor = self.rules[table].anchor if table in self.rules else ""
        return {
            column["name"]: made(table, column["name"], column["type"], region)
            for column in columns
            if column["needed"] or column["name"] in (anchor, *VALUES, "login") or f"{table}.{column['name']}" in VALUES
        } | ({"parent_code": region} if table == "division" else {})

    async def changed(self) -> set[tuple[str, str]]:
        """Tables and regions whose rows are not what they were at the last look, as the administrator sees them."""
        parts = (
            f"SELECT '{table}', {rule.anchor}::text, md5({table}::text) FROM {table}"
            for table, rule in self.rules.items()
        )
        rows = await self.place.admin.fetch(" UNION ALL ".join(parts))
        before, self.seen = self.seen, Counter(map(tuple, rows))
        moved = before.items() ^ self.seen.items()
        return {(table, region) for (table, anchor, _), _ in moved if (region := region_of(anchor)) is not None}


async def add(database: Any, table: str, row: Mapping[str, Any]) -> None:
    """Adds a row given as names and values."""
    names = ", ".join(row)
    values = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await database.execute(f"INSERT INTO {table} ({names}) VALUES ({values})", *row.values())


def made(table: str, name: str, type: str, region: str) -> Any:
    """A value for a column, such as the table's constraints ask."""
    if table == "term" and type == "date":
        return date(2026, 6, 2) + timedelta(days=REGIONS.index(region))  # none meets another when it is moved
    value = VALUES.get(f"{table}.{name}", VALUES.get(name))
    if type == "uuid":
        return id_of(OTHER.get((table, name), name), region)
    if name == "login":
        return region
    if name.endswith("_no"):  # the number of a certificate or a volunteer
        return f"NO-{region}"
    if type == "uuid[]":
        return [id_of("person_id", region)]
    if type.startswith("character(12)"):
        return region
    value = BY_TYPE.get(type) if value is None else value
    if type == "jsonb":
        return to_json(value).decode()
    return f"{name}-{region}" if value is None else value
