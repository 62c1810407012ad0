"""Who may see and write the rows of every table: the list that the migrations must match, and the oracle of the tests.

`own`: seen and written in its own region alone. `open`: read by whoever has a scope, written in its own region alone.
`told`: what other services told; read by whoever has a scope, written by the service itself alone. `log`: read in its
own region alone, added to by whoever has a scope, changed by nobody. `free`: no row-level security, for the reason
given. The anchor is the column that says where a row belongs: a code, or the id of another row whose region it shares.
"""

from dataclasses import dataclass
from typing import Final, Literal

from contracts.region import is_code


@dataclass(frozen=True, slots=True)
class Rule:
    kind: Literal["own", "open", "told", "log", "free"]
    anchor: str = "region"
    why: str = ""


OWN, OPEN, TOLD = Rule("own"), Rule("open"), Rule("told")


def free(why: str) -> Rule:
    return Rule("free", why=why)


CHASSIS: Final = {
    "schema_migration": free("names of files"),
    "command_log": free("read by command id alone, and answered only to the same actor with the same content"),
    "outbox": free("events hold nothing of a person; the chassis alone reads it, and `tx.say` checks the region"),
    "inbox": free("ids of events"),
    "begun": free("numbers of messages"),
    "order_gate": free("ids and versions"),
    "timer": free("ids and times"),
    "epoch": free("numbers and times of restores"),
    "restored_source": free("numbers and times of restores"),
    "stream_incarnation": free("numbers and times of the bus"),
    "retention": free("for how long things are kept"),
    "record_class": free("names, laws and days of the retention schedule"),
    "audit": Rule("log"),
    "audit_head": free("the last link of the chain: a number and a hash"),
    "audit_stub": free("numbers and hashes"),
    "quarantine": OWN,
}
TABLES: Final[dict[str, dict[str, Rule]]] = {
    "registry": {
        "division": free("public codes of the National Bureau of Statistics, loaded by COPY"),
        "person": OWN,
        "consent": Rule("own", "person_id"),
        "record_access": OWN,
        "person_request": OWN,
        "account": Rule("own", "person_id"),
        "login": Rule("own", "account_id"),
        "recovery_code": Rule("own", "account_id"),
        "external_identity": Rule("own", "account_id"),
        "appointment": Rule("own", "unit_id"),
        "delegation": Rule("own", "appointment_id"),
        "client": Rule("own", "unit_id"),
        "client_secret": Rule("own", "client_id"),
        "site_draft": Rule("own", "within"),
        "unit": OPEN,
        "centre": OPEN,
        "site": OPEN,
        "privacy_notice": OPEN,
        "room": Rule("open", "site_id"),
        "site_hours": Rule("open", "site_id"),
        "place_alias": Rule("open", "within"),
    },
    "activities": {
        "enrolment": OWN,
        "participant": OWN,
        "queue_step": OWN,
        "attendance": OWN,
        "scan": OWN,
        "draw": OWN,
        "draw_entry": OWN,
        "standing": OWN,
        "absence": OWN,
        "appeal": OWN,
        "quota": OPEN,
        "count_rule": free("names and numbers of rules"),
        "counted_session": OWN,
        "count_change": OWN,
        "counted_head": OWN,
        "presence": OWN,
        "tally": OWN,
        "count_period": OWN,
        "certified_count": OWN,
        "count_adjustment": OWN,
        "survey_answered": OWN,
        "survey_score": OWN,
        "report_id": OWN,
        "session_report": OWN,
        "lecture": OPEN,
        "calendar_feed": OWN,
        "certificate_request": OWN,
        "session_change": OPEN,
        "excuse": OWN,
        "headcount": OWN,
        "gate": OWN,
        "pick_up": OWN,
        "hand_over": OWN,
        "health_note": OWN,
        "volunteer": OWN,
        "duty": OWN,
        "clearance": OWN,
        "keeper": OWN,
        "care": OPEN,
        "shift": Rule("told", "shift_id"),
        "door_key": free("one secret of the service, of no region"),
        "child": free("ids and a count: the order of a child's facts, in whatever region they happen"),
        "session": OPEN,
        "series": OPEN,
        "programme": OPEN,
        "term": OPEN,
        "closing": OPEN,
        "session_template": OPEN,
        "cadence": OWN,
        "plan_upload": OWN,
        "holiday_notice": free("the State Council's notices, the same for everybody"),
        "room_use": free("ids and times alone; triggers keep it in step with the session, whose row is protected"),
        "pass_rule": OPEN,
        "course_pass": OWN,
        "pass_use": OWN,
        "visit": OWN,
        "visit_note": OWN,
        "follow_up": OWN,
        "withdrawal": OWN,
        "withdrawal_effect": OWN,
        "site": TOLD,
        "person": Rule("told", "person_id"),
        "erased": Rule("told", "person_id"),
    },
    "volunteers": {
        "volunteer": OWN,
        "assignment": OWN,
        "clearance": OWN,
        "stint": OWN,
        "hours_entry": OWN,
        "certificate": Rule("own", "volunteer_id"),
        "attendance_certificate": OWN,
        "withdrawal": OWN,
        "team": OPEN,
        "shift": OPEN,
        "site": TOLD,
        "person": Rule("told", "person_id"),
        "session": Rule("told", "session_id"),
    },
    "notify": {
        "enrolment": OWN,
        "notice": OWN,
        "endpoint": OWN,
        "webhook_delivery": OWN,
        "session": Rule("told", "session_id"),
        "contact_refused": Rule("told", "person_id"),
        "shift": Rule("told", "shift_id"),
        "silenced": Rule("told", "person_id"),
        "ward": Rule("told", "person_id"),
    },
}
EVERYWHERE: Final = {
    "registry": {"log_in", "act_at", "log_out", "change_password", "reset_password", "set_recovery_codes", "who_am_i",
                 "create_account", "_denied_office", "appoint", "delegate", "register_people", "lock_subject",
                 "correct_person", "export_person", "get_person"},
    "activities": {"post", "list_on_duty", "read_record"},
    "volunteers": {"lock_people", "lock_people_of", "list_stints_after", "sum_days", "find_diary",
                   "verify_certificate"},
    "notify": set[str](),
}  # fmt: skip
"""The functions that lift the scope: secrets that name their account, and rules that hold for a person everywhere."""


def protected(service: str) -> dict[str, Rule]:
    return {table: rule for table, rule in (CHASSIS | TABLES[service]).items() if rule.kind != "free"}


def within(scope: str, region: str) -> bool:
    """The oracle: does a row of `region` lie in the scope? Whatever is not a scope holds nothing."""
    if scope == "all":
        return True
    return scope.isascii() and scope.isdigit() and len(scope) in (2, 4, 6, 9, 12) and region.startswith(scope)


def may_read(rule: Rule, scope: str, region: str) -> bool:
    return within(scope, region) if rule.kind in ("own", "log") else is_scope(scope)


def is_scope(scope: str) -> bool:
    return scope == "public" or within(scope, scope.ljust(12, "0")) or scope == "all"


def may_write(rule: Rule, scope: str, region: str) -> bool:
    if rule.kind == "log":
        return is_scope(scope)
    return scope == "all" if rule.kind == "told" else within(scope, region)


def scope_of_region(region: str) -> str:
    """The scope of somebody who acts in a region, written anew: the code without the pairs of zeros at its end."""
    if not is_code(region):
        return "none"
    cut = next(cut for cut in (0, 2, 4, 6, 9, 12) if set(region[cut:]) <= {"0"})
    return region[:cut] or "all"
