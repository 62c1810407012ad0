"""What registry does when a division list is imported or a division is looked up."""

from uuid_utils.compat import uuid7

from contracts.refusals import Refusal
from contracts.registry.v1 import DivisionsImported, DivisionState, GetDivision, ImportDivisions, ImportSummary
from services.chassis import Transaction
from services.chassis.access import denial
from services.registry import registry
from services.registry.divisions import rules, store


@registry.decides(ImportDivisions)
async def import_divisions(command: ImportDivisions, tx: Transaction) -> ImportSummary | Refusal:
    lines = rules.lines_in(command.rows)
    known = await store.list_lines(tx, rules.codes_named(lines))

    rows = rules.sort_rows(lines, known, tx.actor.region)
    if rows.all_outside:
        return denial(command.contract.permission, tx.actor.region)

    await store.add_divisions(tx, rows.added, command.valid_from, command.source)
    changed = await store.change_divisions(tx, rows.changed, command.valid_from, command.source)
    summary = ImportSummary(
        added=len(rows.added),
        changed=changed,
        unchanged=rows.unchanged + len(rows.changed) - changed,
        refused=tuple(rows.refused),
    )
    tx.say(
        DivisionsImported(
            division_import_id=uuid7(),
            added=summary.added,
            changed=summary.changed,
            unchanged=summary.unchanged,
            refused=len(summary.refused),
        ),
        region=rules.covering_region(rows.codes) if rows.codes else tx.actor.region,
        version=1,
    )
    return summary


@registry.answers(GetDivision)
async def get_division(query: GetDivision, tx: Transaction) -> DivisionState | Refusal:
    return await store.find_division(tx, query.code) or Refusal("division-code-unknown", code=query.code)
