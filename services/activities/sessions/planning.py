"""What all ways of planning share: the site under its lock, why plans cannot be held there, and how they are said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from contracts.activities.v1 import SessionScheduled
from contracts.refusals import Refusal
from services.activities import store as replicas
from services.activities.calendar.store import find_closings
from services.activities.gates import looking as gates
from services.activities.programmes.store import find_unknown_programme
from services.activities.sessions import rules, store
from services.activities.sessions.rules import SHANGHAI, Plan, Session, Site
from services.chassis import Transaction
from services.chassis.access import decide


def days_of(plans: Sequence[Plan | Session]) -> tuple[date, date]:
    """The first and the last local day of plans."""
    days = [plan.starts_at.astimezone(SHANGHAI).date() for plan in plans]
    return min(days), max(days)


async def lock_sites(tx: Transaction, ids: Collection[UUID], days: tuple[date, date]) -> dict[UUID, Site]:
    """Sites with their closings in a span of days, locked: who plans there, or closes days, comes one after the other.

    Whoever locks sessions too locks them before.
    """
    sites = await replicas.lock_sites(tx, ids)
    closings = await find_closings(tx, sites, *days)
    return {id: replace(site, closings=closings.get(id, ())) for id, site in sites.items()}


async def lock_site(tx: Transaction, site_id: UUID, plans: Sequence[Plan | Session]) -> Site | Refusal:
    """The site of plans. Refusal: unknown-site."""
    sites = await lock_sites(tx, [site_id], days_of(plans))
    return sites.get(site_id) or Refusal("unknown-site", site_id=str(site_id))


async def refuse(tx: Transaction, permission: str, site: Site, plans: Sequence[Plan]) -> Refusal | None:
    """Why new plans cannot all be held at a site, whose row is locked."""
    denied = decide(tx.actor, permission, site.region)
    if denied:
        return denied
    if site.closed:
        return Refusal("site-closed", site_id=str(site.site_id))
    unknown = await find_unknown_programme(tx, {plan.programme_id for plan in plans})
    if unknown:
        return Refusal("unknown-programme", programme_id=str(unknown))
    refusals = (rules.may_hold(plan, site, tx.now) for plan in plans)
    return next((each for each in refusals if each), None) or await find_taken(tx, plans)


async def find_taken(
    tx: Transaction, plans: Sequence[Plan | Session], leaving: Collection[UUID] = ()
) -> Refusal | None:
    """The first room that is held already, by another session or among the plans. Refusal: room-taken.

    Sessions that are `leaving` hold nothing.
    """
    taken = rules.find_clashes(plans) or await store.find_overlaps(tx, plans, leaving)
    return Refusal("room-taken", session_id=str(next(iter(taken.values())))) if taken else None


async def add(tx: Transaction, planned: Sequence[tuple[Plan, Site]]) -> list[Session]:
    """Adds sessions that were found good, by start, and says those that are no drafts."""
    sessions = await store.add_sessions(tx, planned)
    say_scheduled(tx, sessions, {site.site_id: site for _, site in planned})
    await gates.arm(tx, [session for session in sessions if session.version])
    return sessions


def say_scheduled(tx: Transaction, sessions: Sequence[Session], sites: Mapping[UUID, Site]) -> None:
    """States that sessions are open to the public; of drafts nothing is said."""
    for session in sessions:
        if session.version:
            fact = scheduled(session, sites[session.site_id])
            tx.say(fact, region=session.region, version=session.version)


def scheduled(session: Session, site: Site) -> SessionScheduled:
    assert session.programme_id is not None, "every session has a programme"
    return SessionScheduled(
        session_id=session.session_id,
        series_id=session.series_id,
        programme_id=session.programme_id,
        unit_id=session.unit_id,
        site_id=session.site_id,
        room_id=session.room_id,
        title=session.title,
        place=site.name,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        capacity=session.capacity,
        audience=tuple(sorted(session.audience)),
        supplier_unit_id=session.supplier_unit_id,
        mode=session.mode,
        project_id=session.project_id,
    )
