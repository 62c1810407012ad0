"""Second chapter: people at home in registry, consents of guardians, and who is in office."""

from typing import Final

from contracts.data import AgeBand
from contracts.registry.v1 import Appoint, ConsentPurpose, ListOfficers, RecordConsent, RegisterPerson
from deploy.local.words import say

from .script import Family, Helper
from .story import Story

STAFF_AT: Final = "350503001002"
NOTICE: Final = "notice-2026-1"
"""The version of the privacy notice that guardians agree to."""


async def register_people(story: Story) -> None:
    """Guardians and staff, then children and minors, then the consents that their guardians give."""
    adults = [_guardian(story, family) for family in story.script.families]
    adults += [_adult(story, name) for name in _colleagues(story)]
    adults += [_helper(story, helper) for helper in story.script.volunteers if not helper.guardian]
    minors = [child for family in story.script.families for child in _children(story, family)]
    minors += [_helper(story, helper) for helper in story.script.volunteers if helper.guardian]
    with story.screen.bar(say("人员", "people"), len(adults) + len(minors)) as move:
        for generation in (adults, minors):
            for staff in ("quanzhou", "fengjie"):
                mine = [person for person in generation if _staff_of(person.region) == staff]
                await story.desk(staff).send_all(mine, lambda _: move(1))
    consents = await _record_consents(story)
    story.screen.line(
        say(
            f"登记 {len(adults) + len(minors)} 人，监护人同意 {consents} 份。姓名与邮箱只存在于 registry。",
            f"{len(adults) + len(minors)} people registered, {consents} consents of guardians. "
            "Names and addresses are in registry alone.",
        )
    )


def _staff_of(region: str) -> str:
    return "fengjie" if region.startswith("50") else "quanzhou"


def _colleagues(story: Story) -> list[str]:
    """Those at a desk of the centre's city, and those in office."""
    staff = [who.name for who in story.script.staff.values() if who.region.startswith("3505") and not who.machine]
    return staff + [officer.name for officer in story.script.officers if officer.name]


def _adult(story: Story, name: str) -> RegisterPerson:
    return RegisterPerson(person_id=story.person(name), region=STAFF_AT, name=name, age_band=AgeBand.MIDDLE)


def _guardian(story: Story, family: Family) -> RegisterPerson:
    return RegisterPerson(
        person_id=story.person(family.guardian),
        region=family.lives,
        name=family.guardian,
        age_band=AgeBand.MIDDLE,
        email=f"{family.key}@example.org",
        language=family.language,
    )


def _children(story: Story, family: Family) -> list[RegisterPerson]:
    guardian = story.person(family.guardian)
    return [
        RegisterPerson(person_id=story.person(name), region=family.lives, name=name, age_band=age, guardian_id=guardian)
        for name, age in family.children.items()
    ]


def _helper(story: Story, helper: Helper) -> RegisterPerson:
    guardian = story.script.family(helper.guardian).guardian if helper.guardian else None
    return RegisterPerson(
        person_id=story.person(helper.name),
        region=STAFF_AT,
        name=helper.name,
        age_band=helper.age,
        email=f"{helper.key}@example.org",
        guardian_id=story.person(guardian) if guardian else None,
    )


async def _record_consents(story: Story) -> int:
    """For each child to take part, for each volunteer under 18 to serve."""
    consents = 0
    for staff in ("quanzhou", "fengjie"):
        given = [
            _consent(story, child, family.guardian, ConsentPurpose.ACTIVITIES)
            for family in story.script.families
            if _staff_of(family.lives) == staff
            for child in family.children
        ]
        if staff == "quanzhou":
            given += [
                _consent(story, helper.name, story.script.family(helper.guardian).guardian, ConsentPurpose.VOLUNTEERING)
                for helper in story.script.volunteers
                if helper.guardian
            ]
        consents += len(await story.desk(staff).send_all(given))
    return consents


def _consent(story: Story, child: str, guardian: str, purpose: ConsentPurpose) -> RecordConsent:
    return RecordConsent(
        person_id=story.person(child), purpose=purpose, given_by=story.person(guardian), notice_version=NOTICE
    )


async def appoint_officers(story: Story) -> None:
    """Who is in office at the federation of the community."""
    unit = story.id("unit", story.script.centre.unit)
    names = [officer.name or story.script.staff[officer.staff or ""].name for officer in story.script.officers]
    since = story.day.date(-30)
    commands = [
        Appoint(
            appointment_id=story.id("appointment", officer.key),
            unit_id=unit,
            person_id=story.person(name),
            post=officer.post,
            since=since,
        )
        for officer, name in zip(story.script.officers, names, strict=True)
    ]
    await story.desk("approver").send_all(commands)
    held = await story.desk("auditor").ask(ListOfficers(unit_id=unit, on=story.day.date()))
    story.screen.line(
        say(f"在任：{len(held.appointments)} 人。", f"In office on that day: {len(held.appointments)} people.")
    )
