"""What activities does when a session is amended by hand or moved, and what it then says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from contracts.activities.v1 import AmendSession, MoveSession, SessionAmended, SessionMoved, SessionState
from contracts.refusals import Refusal
from services.activities import activities
from services.activities.enrolment.terms import keeps_its_window, with_window
from services.activities.gates import looking as gates
from services.activities.offers.moves import ask_again
from services.activities.programmes.store import find_unknown_programme
from services.activities.sessions import planning, rules, store
from services.activities.sessions.rules import Session, Site
from services.chassis import Transaction
from services.chassis.access import decide

PLACE: Final = frozenset({"starts_at", "ends_at", "site_id", "room_id"})
"""What is moved, and asked again; everything else is amended."""
TOLD: Final = frozenset({"title", "programme_id", "capacity", "audience", "supplier_unit_id", "mode", "project_id"})
"""Amended fields that are public facts."""


def differing(before: Session, changes: Mapping[str, Any]) -> frozenset[str]:
    """The fields that a change makes different."""
    return frozenset(
        name
        for name, value in changes.items()
        if (set(value) != set(before.audience) if name == "audience" else value != getattr(before, name))
    )


def is_moved(before: Session, after: Session) -> bool:
    """True when a change touches time or place."""
    return any(getattr(before, name) != getattr(after, name) for name in PLACE)


def changed(before: Session, changes: Mapping[str, Any], *, by_hand: bool) -> Session:
    """The session with its changes; with a new version where the public hears of it."""
    fields = differing(before, changes)
    told = bool(before.version and fields & (PLACE | TOLD))
    values: dict[str, Any] = {**changes}
    if "audience" in values:
        values["audience"] = frozenset(values["audience"])
    values["amended"] = before.amended | fields if by_hand else before.amended
    after = replace(before, **values, version=before.version + told)
    return with_window(after, after.starts_at - before.starts_at)


async def say_changed(tx: Transaction, before: Session, after: Session, site: Site, reason: str | None = None) -> None:
    """Says that a published session was moved or amended, and has its gate looked at by its new times.

    Whoever has seats in a moved one is asked whether she comes all the same (A16). Of drafts, and of what is nobody's
    business, nothing.
    """
    if after.version == before.version:
        return
    moved = is_moved(before, after)
    fact = _moved(before, after, site, reason) if moved else _amended(before, after)
    if moved:
        tx.set_timer(gates.MOVED, after.session_id, tx.now)
    tx.say(fact, region=after.region, version=after.version)
    if moved:
        await ask_again(tx, after)


def _moved(before: Session, after: Session, site: Site, reason: str | None) -> SessionMoved:
    return SessionMoved(
        session_id=after.session_id,
        unit_id=after.unit_id,
        site_id=after.site_id,
        room_id=after.room_id,
        title=after.title,
        place=site.name,
        starts_at=after.starts_at,
        ends_at=after.ends_at,
        capacity=after.capacity,
        started_at=before.starts_at,
        from_site_id=before.site_id,
        from_room_id=before.room_id,
        reason=reason,
    )


def _amended(before: Session, after: Session) -> SessionAmended:
    assert after.programme_id is not None, "every session has a programme"
    return SessionAmended(
        session_id=after.session_id,
        unit_id=after.unit_id,
        programme_id=after.programme_id,
        title=after.title,
        capacity=after.capacity,
        audience=tuple(sorted(after.audience)),
        supplier_unit_id=after.supplier_unit_id,
        mode=after.mode,
        fields=tuple(sorted(name for name in TOLD if getattr(before, name) != getattr(after, name))),
        project_id=after.project_id,
    )


@activities.decides(AmendSession)
async def amend_session(command: AmendSession, tx: Transaction) -> SessionState | Refusal:
    before = await _lock(tx, command)
    if isinstance(before, Refusal):
        return before
    changes = command.model_dump(exclude={"session_id"}, exclude_none=True)
    after = changed(before, changes, by_hand=True)
    site = await planning.lock_site(tx, after.site_id, [after])
    if isinstance(site, Refusal):
        return site
    if after.programme_id != before.programme_id and await find_unknown_programme(tx, {after.programme_id}):
        return Refusal("unknown-programme", programme_id=str(after.programme_id))
    refusal = rules.may_seat(before, after) or rules.may_fill(after, site)
    if refusal is None and after.holds != before.holds:
        refusal = await planning.find_taken(tx, [after])
    if refusal:
        return refusal

    await store.change_sessions(tx, [after])
    await say_changed(tx, before, after, site)
    return store.state_of(after)


@activities.decides(MoveSession)
async def move_session(command: MoveSession, tx: Transaction) -> SessionState | Refusal:
    before = await _lock(tx, command)
    if isinstance(before, Refusal):
        return before
    fields = PLACE | {"permit_number"}
    changes = command.model_dump(include=set(fields), exclude_none=True)
    after = changed(before, changes, by_hand=True)
    site = await planning.lock_site(tx, after.site_id, [after])
    if isinstance(site, Refusal):
        return site
    refusal = may_move(before, after, site, permitted_anew=command.permit_number is not None)
    refusal = refusal or rules.may_hold(after, site, tx.now) or keeps_its_window(after)
    refusal = refusal or await planning.find_taken(tx, [after])
    if refusal:
        return refusal

    await store.change_sessions(tx, [after])
    await say_changed(tx, before, after, site, command.reason)
    return store.state_of(after)


def may_move(before: Session, after: Session, site: Site, *, permitted_anew: bool) -> Refusal | None:
    """A session stays in its division and with its unit, and a permitted one needs a permit for the new plan.

    大型群众性活动安全管理条例: time, place, content and scale of what was approved are not changed without approval.
    Refusals: site-closed, other-region, permit-needed.
    """
    if site.closed:
        return Refusal("site-closed", site_id=str(site.site_id))
    if (site.region, site.unit_id) != (before.region, before.unit_id):
        return Refusal("other-region")
    anew = rules.is_large(after) and is_moved(before, after)
    return Refusal("permit-needed") if anew and not permitted_anew else None


async def _lock(tx: Transaction, command: AmendSession | MoveSession) -> Session | Refusal:
    """The session or draft, locked, if it may be changed by this actor now."""
    session = (await store.lock_planned(tx, [command.session_id])).get(command.session_id)
    if session is None:
        return Refusal("unknown-session", session_id=str(command.session_id))
    denied = decide(tx.actor, command.contract.permission, session.region)
    return denied or rules.may_change(session, tx.now) or session
