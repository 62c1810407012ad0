"""May they: what each role may do, and one pure decision (architecture section 7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from uuid import UUID

from contracts.refusals import Refusal
from contracts.region import NOWHERE, covers

_READS = frozenset(
    {
        "public",
        "registry.read",
        "activities.roster.read",
        "activities.counts.read",
        "volunteers.hours.read",
        "notify.read",
        "events.read",
        "operations.read",
        "account.own",
    }
)
_EDITS = frozenset(
    {
        "registry.units.register",
        "registry.sites.open",
        "registry.people.register",
        "registry.people.correct",
        "registry.people.restrict",
        "registry.consents.record",
        "registry.records.read",
        "registry.records.request",
        "registry.records.break-glass",
        "registry.requests.file",
        "activities.plan",
        "activities.enrol",
        "activities.enrolments.decide",
        "activities.attendance",
        "activities.custody",
        "activities.health.read",
        "activities.passes.issue",
        "activities.visits.record",
        "activities.visits.read",
        "activities.count",
        "activities.feedback.give",
        "activities.feeds.manage",
        "activities.certificates.request",
        "volunteers.teams.register",
        "volunteers.register",
        "volunteers.clearances.record",
        "volunteers.plan",
        "volunteers.serve",
        "notify.inbox.read",
    }
)
GRANTS: Final[Mapping[str, frozenset[str]]] = {
    "anonymous": frozenset({"public"}),
    "reader": _READS,
    "auditor": _READS | {"audit.read", "registry.records.read-accesses"},
    "editor": _READS | _EDITS,
    "approver": _READS
    | {
        "registry.appointments.decide",
        "registry.people.restrict",
        "registry.people.export",
        "registry.people.erase",
        "registry.requests.file",
        "registry.requests.answer",
        "registry.appointments.delegate",
        "activities.enrolments.decide",
        "activities.appeals.decide",
        "registry.privacy-notices.publish",
        "registry.records.approve",
        "registry.records.read-accesses",
        "volunteers.hours.approve",
        "volunteers.certificates.issue",
        "activities.periods.close",
        "activities.visits.read",
        "activities.counts.correct",
    },
    "operator": _READS
    | {
        "registry.divisions.import",
        "registry.accounts.manage",
        "activities.calendar.announce",
        "notify.endpoints.manage",
        "operations.manage",
    },
    "integrator": frozenset(
        {
            "public",
            "registry.read",
            "events.read",
            "activities.enrol",
            "activities.attendance",
            "activities.counts.read",
            "activities.feedback.give",
            "notify.endpoints.manage",
        }
    ),
    "edge": frozenset({"registry.logins.resolve", "activities.offers.decline-by-link", "activities.feeds.read"}),
    "service": frozenset(
        {"public", "registry.read", "registry.contacts.read", "people.held.read", "people.keys.derive"}
    ),
}
"""What each role may do; a permission in no row is allowed to nobody."""
FUNCTIONS: Final = ("reader", "editor", "approver", "auditor", "operator")
"""The roles that follow from an office; the others are those of machines and of somebody unknown."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an id (a person's or `service:<name>`), the roles, and the region whose subtree she acts in."""

    id: str
    roles: frozenset[str]
    region: str = NOWHERE
    unit: UUID | None = None


@cache
def _granted(roles: frozenset[str]) -> frozenset[str]:
    """What the roles together may do. Kept, because GRANTS never changes in a running process."""
    return frozenset().union(*(GRANTS.get(role, frozenset()) for role in roles))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the case itself says of whoever asks.

    `own`: it is her own request, or that of somebody whose duty she does. `protected`: it is a minor's record.
    `opened`: it is open to her now, on somebody else's approval or by break-glass.
    """

    own: bool = False
    protected: bool = False
    opened: bool = False


NO_FACTS: Final = Facts()
BY_ANOTHER: Final = {"registry.records.approve", "registry.requests.answer"}
"""Permissions to decide on what another asked for: nobody holds them over her own request."""
ON_APPROVAL: Final = {"registry.records.read"}
"""Permissions that hold for a minor's record only while it is opened (minors' network protection regulations, 36)."""
FORBIDDEN: Final = frozenset({"not-permitted", "own-request", "approval-needed"})
"""The reasons of a denial: who asked for what she may not is counted in the audit log."""


def decide(actor: Actor, permission: str, region: str | None = None, facts: Facts = NO_FACTS) -> Refusal | None:
    """The one decision: None allows; a refusal says which permission at which region was missing, and who has it.

    Without a region only the permission is decided; what is then said or shown is bound to the region later. Where
    role and region allow, the facts of the case may still forbid: own-request, approval-needed.
    """
    allowed = permission in _granted(actor.roles)
    if not allowed or (region is not None and not covers(actor.region, region)):
        return denial(permission, region or actor.region)
    if facts.own and permission in BY_ANOTHER:
        return Refusal("own-request", permission=permission, region=region)
    if facts.protected and not facts.opened and permission in ON_APPROVAL:
        return Refusal("approval-needed", permission=permission, region=region)
    return None


def denial(permission: str, region: str) -> Refusal:
    """What was missing where, and which functions have it."""
    return Refusal("not-permitted", permission=permission, region=region, functions=functions_with(permission))


def functions_with(permission: str) -> str:
    """The functions of office that hold a permission, as a person may be granted them; `-` where none does."""
    return ", ".join(name for name in FUNCTIONS if permission in GRANTS[name]) or "-"
