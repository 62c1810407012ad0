"""Sixth chapter: who is told. Families and helpers by mail and inbox, the centre's own system by signed webhook."""

from contracts.notify.v1 import GetInbox, RegisterEndpoint
from deploy.local.words import in_chinese, say

from .receiver import hand_over
from .story import Story

HEARD = ("linli.activities.", "linli.volunteers.")


async def connect_centre(story: Story) -> None:
    """The centre's system asks for the events of its street, and gets the secret that they are signed with."""
    system = story.script.staff["centre-system"]
    url = f"{story.props.receiver_url}/hooks"
    endpoint = await story.desk("centre-system").send(
        RegisterEndpoint(
            endpoint_id=story.id("endpoint", url), name=system.name, url=url, region=system.region, types=HEARD
        )
    )
    if endpoint.secret:
        hand_over(story.props.received, endpoint.secret)
    story.screen.line(
        say(
            f"{system.name} 订阅 {system.region} 的事件：{url}。",
            f"{system.name} hears the events of {system.region} at {url}.",
        )
    )


async def read_inbox(story: Story) -> None:
    """What one mother finds in her inbox."""
    family = story.script.families[0]
    inbox = await story.desk("desk").ask(GetInbox(person_id=story.person(family.guardian)))
    rows = [
        (entry.template, entry.subject.partition(" · ")[0 if in_chinese() else 2]) for entry in reversed(inbox.entries)
    ]
    headings = say("模板,标题", "template,subject").split(",")
    story.screen.table(say(f"{family.guardian}的站内消息", f"The inbox of {family.guardian}"), headings, rows)
