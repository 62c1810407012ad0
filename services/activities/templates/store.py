"""All SQL about templates."""

from uuid import UUID

from asyncpg import Record

from contracts.activities.v1 import ListTemplates, SessionDesign, TemplateState
from contracts.region import above, bounds
from services.chassis import Transaction

FIND_TEMPLATE = "SELECT template_id, name, unit_id, region, design FROM session_template WHERE template_id = $1"
ADD_TEMPLATE = """
INSERT INTO session_template (template_id, name, unit_id, region, design) VALUES ($1, $2, $3, $4, $5::text::jsonb)
"""
LIST_TEMPLATES = """
SELECT template_id, name, unit_id, region, design FROM session_template
WHERE (region >= $1 AND region < $2 OR region = ANY ($3::text[])) AND ($4::uuid IS NULL OR template_id > $4)
ORDER BY template_id LIMIT $5
"""


async def find_template(tx: Transaction, template_id: UUID) -> TemplateState | None:
    row = await tx.find(FIND_TEMPLATE, template_id)
    return _template(row) if row else None


async def add_template(tx: Transaction, new: TemplateState) -> None:
    await tx.execute(ADD_TEMPLATE, new.template_id, new.name, new.unit_id, new.region, new.design.model_dump_json())


async def list_templates(tx: Transaction, query: ListTemplates) -> list[TemplateState]:
    rows = await tx.fetch(LIST_TEMPLATES, *bounds(query.region), above(query.region), query.after, query.limit)
    return [_template(row) for row in rows]


def _template(row: Record) -> TemplateState:
    return TemplateState(**dict(row) | {"design": SessionDesign.model_validate_json(row["design"])})
