"""What activities does when courses are entered by pass, and when somebody gets one (A33)."""

from contracts.activities.v1 import (
    CoursePassList,
    CoursePassState,
    CoursePassUses,
    EndCoursePass,
    GetCoursePass,
    IssueCoursePass,
    ListCoursePasses,
    PassEnded,
    PassIssued,
    PassRuleSet,
    PassRuleState,
    PassUse,
    SetPassRule,
)
from contracts.refusals import Refusal
from services.activities import activities
from services.activities import store as replicas
from services.activities.passes import rules, store
from services.activities.passes.rules import CoursePass
from services.chassis import Transaction
from services.chassis.access import decide
from services.chassis.clock import day_of


@activities.decides(SetPassRule)
async def set_pass_rule(command: SetPassRule, tx: Transaction) -> PassRuleState | Refusal:
    region = await store.find_course_region(tx, command.course_id, command.kind)
    if region is None:
        return Refusal("unknown-course", course_id=str(command.course_id))
    denied = decide(tx.actor, command.contract.permission, region)
    if denied:
        return denied
    version = await store.set_rule(tx, command, region)
    fact = PassRuleSet(pass_rule_id=command.course_id, kind=command.kind, by_pass=command.by_pass)
    tx.say(fact, region=region, version=version)
    return PassRuleState(**command.model_dump(), version=version)


@activities.decides(IssueCoursePass)
async def issue_course_pass(command: IssueCoursePass, tx: Transaction) -> CoursePassState | Refusal:
    site = (await replicas.find_sites(tx, [command.site_id])).get(command.site_id)
    if site is None:
        return Refusal("unknown-site", site_id=str(command.site_id))
    refusal = decide(tx.actor, command.contract.permission, site.region)
    if refusal is None and site.closed:
        refusal = Refusal("site-closed", site_id=str(command.site_id))
    site_type = await store.find_site_type(tx, command.site_id)
    refusal = refusal or rules.may_issue(command, site_type, day_of(tx.now)) or await _find_missing(tx, command)
    if refusal:
        return refusal

    await store.add_pass(tx, command, site.region)
    fact = PassIssued(**{name: getattr(command, name) for name in PassIssued.model_fields})
    tx.say(fact, region=site.region, version=1)
    return CoursePassState(**command.model_dump(exclude={"receipt"}), used=0, ended=False, version=1)


async def _find_missing(tx: Transaction, command: IssueCoursePass) -> Refusal | None:
    """Refusals: unknown-course, unknown-person, person-restricted (PIPL 44), course-pass-exists."""
    if await store.find_course_region(tx, command.course_id, command.kind) is None:
        return Refusal("unknown-course", course_id=str(command.course_id))
    person = (await replicas.find_people(tx, [command.person_id])).get(command.person_id)
    if person is None or person.restricted:
        return Refusal("person-restricted" if person else "unknown-person", person_id=str(command.person_id))
    known = await store.find_pass(tx, command.pass_id)
    return Refusal("course-pass-exists", pass_id=str(command.pass_id)) if known else None


@activities.decides(EndCoursePass)
async def end_course_pass(command: EndCoursePass, tx: Transaction) -> CoursePassState | Refusal:
    for known in await store.lock_passes(tx, [command.pass_id]):
        denied = decide(tx.actor, command.contract.permission, known.region)
        if denied:
            return denied
        if known.ended:
            return Refusal("course-pass-ended")
        now = known.taken(0)
        await store.end_pass(tx, now)
        fact = PassEnded(
            pass_id=now.pass_id, person_id=now.person_id, used=now.used, visits=now.visits, reason=command.reason
        )
        tx.say(fact, region=now.region, version=now.version)
        return _state(now).model_copy(update={"ended": True})
    return _unknown(command)


@activities.answers(GetCoursePass)
async def get_course_pass(query: GetCoursePass, tx: Transaction) -> CoursePassUses | Refusal:
    """Of another region's pass nothing is known: row-level security hides it."""
    known = await store.find_pass(tx, query.pass_id)
    if known is None:
        return _unknown(query)
    denied = decide(tx.actor, query.contract.permission, known.region)
    uses = () if denied else tuple(PassUse(**dict(row)) for row in await store.list_uses(tx, query.pass_id))
    return denied or CoursePassUses(course_pass=_state(known), uses=uses)


@activities.answers(ListCoursePasses)
async def list_course_passes(query: ListCoursePasses, tx: Transaction) -> CoursePassList:
    return CoursePassList(passes=tuple(map(_state, await store.list_passes(tx, query.person_id))))


def _state(known: CoursePass) -> CoursePassState:
    return CoursePassState(**{name: getattr(known, name) for name in CoursePassState.model_fields})


def _unknown(asked: EndCoursePass | GetCoursePass) -> Refusal:
    return Refusal("unknown-course-pass", pass_id=str(asked.pass_id))
