"""What activities does when the design of a session is kept, and when another unit plans by it."""

from datetime import timedelta
from typing import Any

from contracts.activities.v1 import (
    ListTemplates,
    PlanFromTemplate,
    SaveTemplate,
    SessionDesign,
    SessionState,
    TemplateList,
    TemplateState,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.sessions.handlers import schedule
from services.activities.sessions.rules import Plan, Session
from services.activities.sessions.store import find_planned
from services.activities.templates import store
from services.chassis import Transaction
from services.chassis.access import decide


@activities.decides(SaveTemplate)
async def save_template(command: SaveTemplate, tx: Transaction) -> TemplateState | Refusal:
    session = (await find_planned(tx, [command.session_id])).get(command.session_id)
    if session is None:
        return Refusal("unknown-session", session_id=str(command.session_id))
    denied = decide(tx.actor, command.contract.permission, session.region)
    if denied:
        return denied
    template = TemplateState(
        template_id=command.template_id,
        name=command.name,
        unit_id=session.unit_id,
        region=session.region,
        design=design_of(session),
    )
    known = await store.find_template(tx, command.template_id)
    if known is not None:
        return known if known == template else Refusal("template-exists", template_id=str(command.template_id))
    await store.add_template(tx, template)
    return template


def design_of(session: Session) -> SessionDesign:
    """What a session is, without its place, time and way in."""
    assert session.programme_id is not None, "every session has a programme"
    return SessionDesign(
        title=session.title,
        programme_id=session.programme_id,
        minutes=int((session.ends_at - session.starts_at).total_seconds() // 60),
        capacity=session.capacity,
        audience=tuple(sorted(session.audience)),
        queue_open=session.queue_open,
        supplier_unit_id=session.supplier_unit_id,
        mode=session.mode,
        set_up=session.set_up,
        clear_up=session.clear_up,
    )


def plan_of(template: TemplateState, command: PlanFromTemplate) -> Plan:
    """The template at a place and time; what the command gives goes before."""
    values: dict[str, Any] = dict(template.design)
    minutes = values.pop("minutes")
    values |= {name: getattr(command, name) for name in command.model_fields_set if getattr(command, name) is not None}
    values = {name: value for name, value in values.items() if name not in ("template_id", "site_id")}
    return Plan(**values, ends_at=command.starts_at + timedelta(minutes=minutes))


@activities.decides(PlanFromTemplate)
async def plan_from_template(command: PlanFromTemplate, tx: Transaction) -> SessionState | Refusal:
    template = await store.find_template(tx, command.template_id)
    if template is None:
        return Refusal("unknown-template", template_id=str(command.template_id))
    return await schedule(tx, command.contract.permission, command.site_id, plan_of(template, command))


@activities.answers(ListTemplates)
async def list_templates(query: ListTemplates, tx: Transaction) -> TemplateList:
    return TemplateList(templates=tuple(await store.list_templates(tx, query)))
