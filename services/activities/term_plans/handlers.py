"""What activities does with a term's plan from a sheet: reads and compares it, applies it, takes it back."""

import asyncio
from base64 import b64decode
from binascii import Error
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from contracts.activities.v1 import ApplyPlan, GetPlan, PlanReview, SessionStatus, UndoPlan, UploadPlan
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.sessions import planning
from services.activities.sessions import store as sessions
from services.activities.sessions.changing import changed, say_changed
from services.activities.sessions.handlers import call_off
from services.activities.sessions.rules import Session
from services.activities.term_plans import rows, rules, sheet, store
from services.activities.term_plans.rows import Entry, Read
from services.activities.term_plans.rules import DECIDED, GONE, Applied, Line, Snapshot
from services.activities.term_plans.store import Upload
from services.activities.term_plans.weighing import Weighed, weigh_lines
from services.chassis import Transaction
from services.chassis.access import decide

UNDONE = "撤销导入的计划"


@activities.decides(UploadPlan)
async def upload_plan(command: UploadPlan, tx: Transaction) -> PlanReview | Refusal:
    denied = decide(tx.actor, command.contract.permission, command.region)
    if denied:
        return denied
    if await store.find_upload(tx, command.upload_id):
        return Refusal("upload-exists", upload_id=str(command.upload_id))
    read = await asyncio.to_thread(_read, command.file)
    if isinstance(read, Refusal):
        return read

    entries = [entry for _, entry in read if isinstance(entry, Entry)]
    names = await store.find_names(
        tx, command.region, {entry.site for entry in entries}, {entry.programme for entry in entries}
    )
    lines = rules.mark_repeated([rules.line_of(command.plan_id, row, entry, names) for row, entry in read])
    weighed = await weigh_lines(tx, lines, lock=False)
    lines = weighed.lines + await _find_gone(tx, command.plan_id, lines)
    await store.add_upload(tx, command.upload_id, command.plan_id, command.region, lines)
    return rules.review_of(command.upload_id, command.plan_id, "drafted", lines)


def _read(file: str) -> list[Read] | Refusal:
    try:
        return rows.read_rows(sheet.read(b64decode(file, validate=True)))
    except Error:
        return Refusal("sheet-unreadable", problem="not-base64")
    except sheet.Unreadable as unreadable:
        return Refusal("sheet-unreadable", problem=str(unreadable))


async def _find_gone(tx: Transaction, plan_id: UUID, lines: Sequence[Line]) -> list[Line]:
    """Sessions of earlier uploads that the sheet names no more and that still lie ahead."""
    left = await store.list_planned_by(tx, plan_id) - {line.session_id for line in lines}
    found = sorted((await sessions.find_planned(tx, left)).values(), key=lambda session: session.starts_at)
    alive = (SessionStatus.DRAFTED, SessionStatus.PUBLISHED)
    return [
        Line(0, GONE, session_id=session.session_id)
        for session in found
        if session.status in alive and session.starts_at > tx.now
    ]


@activities.decides(ApplyPlan)
async def apply_plan(command: ApplyPlan, tx: Transaction) -> PlanReview | Refusal:
    upload = await _lock(tx, command)
    if isinstance(upload, Refusal):
        return upload
    if upload.status != "drafted":
        return Refusal("upload-applied", status=upload.status)

    chosen = [line for line in upload.lines if not command.rows or line.row in command.rows]
    weighed = await weigh_lines(tx, chosen, lock=True)
    applied = await _change(tx, weighed) + await _add(tx, weighed, draft=not command.publish)
    by_row = {line.row: line for line in weighed.lines if line.row}
    lines = [by_row.get(line.row, line) for line in upload.lines]
    await store.set_applied(tx, upload.upload_id, lines, applied)
    return rules.review_of(upload.upload_id, upload.plan_id, "applied", lines)


async def _change(tx: Transaction, weighed: Weighed) -> list[Applied]:
    """Before anything is added: a room that one row leaves another may take."""
    await sessions.change_sessions(tx, [after for _, after in weighed.changes.values()])
    for before, after in weighed.changes.values():
        await say_changed(tx, before, after, weighed.sites[after.site_id])
    return [Applied(Snapshot.of(before), Snapshot.of(after)) for before, after in weighed.changes.values()]


async def _add(tx: Transaction, weighed: Weighed, *, draft: bool) -> list[Applied]:
    planned = [(replace(plan, draft=draft), site) for plan, site in weighed.new]
    return [Applied(None, Snapshot.of(session)) for session in await planning.add(tx, planned)] if planned else []


@activities.decides(UndoPlan)
async def undo_plan(command: UndoPlan, tx: Transaction) -> PlanReview | Refusal:
    upload = await _lock(tx, command)
    if isinstance(upload, Refusal):
        return upload
    if upload.status != "applied":
        return Refusal("upload-not-applied", status=upload.status)
    now = await sessions.lock_planned(tx, [each.after.session_id for each in upload.applied])
    refusal = rules.may_undo(upload.applied, now)
    if refusal:
        return refusal

    await _take_out(tx, [now[each.after.session_id] for each in upload.applied if each.before is None])
    changes = [(now[each.after.session_id], each.before) for each in upload.applied if each.before is not None]
    refusal = await _restore(tx, changes)
    if refusal:
        return refusal
    await store.set_undone(tx, upload.upload_id)
    return rules.review_of(upload.upload_id, upload.plan_id, "undone", upload.lines)


async def _take_out(tx: Transaction, new: Sequence[Session]) -> None:
    """Drafts go without a word, what was public is called off."""
    await sessions.remove_sessions(tx, [each.session_id for each in new if each.status is SessionStatus.DRAFTED])
    for session in new:
        if session.status is not SessionStatus.DRAFTED:
            await call_off(tx, session, UNDONE)


async def _restore(tx: Transaction, changes: Sequence[tuple[Session, Snapshot]]) -> Refusal | None:
    """Makes sessions what they were; their old rooms must still be free. Refusal: room-taken."""
    if not changes:
        return None
    restored = [
        (now, changed(now, {name: getattr(before, name) for name in DECIDED}, by_hand=False)) for now, before in changes
    ]
    sites = await planning.lock_sites(
        tx, {after.site_id for _, after in restored}, planning.days_of([after for _, after in restored])
    )
    refusal = await planning.find_taken(tx, [after for _, after in restored])
    if refusal:
        return refusal
    await sessions.change_sessions(tx, [after for _, after in restored])
    for now, after in restored:
        await say_changed(tx, now, after, sites[after.site_id])
    return None


async def _lock(tx: Transaction, command: ApplyPlan | UndoPlan) -> Upload | Refusal:
    upload = await store.find_upload(tx, command.upload_id, lock=True)
    if upload is None:
        return Refusal("unknown-upload", upload_id=str(command.upload_id))
    return decide(tx.actor, command.contract.permission, upload.region) or upload


@activities.answers(GetPlan)
async def get_plan(query: GetPlan, tx: Transaction) -> PlanReview | Refusal:
    upload = await store.find_upload(tx, query.upload_id)
    if upload is None:
        return Refusal("unknown-upload", upload_id=str(query.upload_id))
    denied = decide(tx.actor, query.contract.permission, upload.region)
    return denied or rules.review_of(upload.upload_id, upload.plan_id, upload.status, upload.lines)
