"""Fourth chapter: families enrol whole or not at all, wait, give seats back, and are offered what fits them."""

from contracts.activities.v1 import (
    AcceptOffer,
    Enrol,
    EnrolmentState,
    EnrolmentStatus,
    ExplainQueue,
    GetRoster,
    GetSession,
    WithdrawEnrolment,
)
from deploy.local.words import say

from .classes import door
from .day import SHANGHAI
from .script import ClassLine
from .story import Story, until


async def enrol(story: Story) -> None:
    """Families come one after the other: who is first is placed first, and who does not fit waits."""
    for key, planned in story.script.classes.items():
        placed = {family: await _enrol_family(story, key, planned, family) for family in planned.enrols}
        confirmed = [state for state in placed.values() if state.status == EnrolmentStatus.CONFIRMED]
        waiting = [family for family, state in placed.items() if state.status == EnrolmentStatus.WAITING]
        session = story.sessions[key]
        when = session.starts_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
        seats = sum(state.seats for state in confirmed)
        story.screen.line(
            say(
                f"{when} {session.title}：{len(confirmed)} 家 {seats} 人报上名，{len(waiting)} 家候补。",
                f"{when} {session.title}: {len(confirmed)} families with {seats} people have seats, "
                f"{len(waiting)} families wait.",
            )
        )


async def _enrol_family(story: Story, key: str, planned: ClassLine, family: str) -> EnrolmentState:
    command = Enrol(
        enrolment_id=story.id("enrolment", f"{key} {family}"),
        session_id=story.sessions[key].session_id,
        contact_id=story.person(story.script.family(family).guardian),
        people=tuple(story.person(name) for name in story.script.party(planned, family)),
    )
    return await story.desk(door(planned)).send(command)


async def pass_seats_on(story: Story) -> None:
    """A family withdraws; the next family that fits is offered the seats and takes them; the queue explains itself."""
    for key, planned in story.script.classes.items():
        if planned.withdraws and planned.accepts:
            desk = story.desk(door(planned))
            await desk.send(WithdrawEnrolment(enrolment_id=story.id("enrolment", f"{key} {planned.withdraws}")))
            await until(lambda key=key, family=planned.accepts: _offered(story, key, family), "no offer was made")  # type: ignore[misc]
            await desk.send(AcceptOffer(enrolment_id=story.id("enrolment", f"{key} {planned.accepts}")))
            await _explain(story, key, planned)


async def _offered(story: Story, key: str, family: str) -> bool | None:
    """True once the family is offered seats, or took them in an earlier telling."""
    planned = story.script.classes[key]
    roster = await story.desk(door(planned)).ask(GetRoster(session_id=story.sessions[key].session_id))
    id = story.id("enrolment", f"{key} {family}")
    status = next((entry.status for entry in roster.entries if entry.enrolment_id == id), None)
    return True if status in (EnrolmentStatus.OFFERED, EnrolmentStatus.CONFIRMED) else None


async def _explain(story: Story, key: str, planned: ClassLine) -> None:
    session_id = story.sessions[key].session_id
    log = await story.desk(door(planned)).ask(ExplainQueue(session_id=session_id))
    names = {
        story.id("enrolment", f"{key} {family}"): story.script.family(family).guardian for family in planned.enrols
    }
    rows = [
        (names.get(step.enrolment_id, str(step.enrolment_id)[:8]), step.step, step.seats_wanted, step.seats_free)
        for step in log.steps
    ]
    headings = say("家庭,结果,需要名额,当时空余", "family,what happened,seats wanted,seats free").split(",")
    story.screen.table(say("候补队列的解释", "The queue explains itself"), headings, rows)
    state = await story.public().ask(GetSession(session_id=session_id))
    story.screen.line(
        say(
            f"名额 {state.seats_taken}/{state.capacity}，候补 {state.waiting} 家。",
            f"Seats taken: {state.seats_taken} of {state.capacity}; families waiting: {state.waiting}.",
        )
    )
