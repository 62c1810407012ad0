"""Names and addresses: asked of registry at the moment of sending, kept nowhere."""

from collections.abc import Collection
from uuid import UUID

from contracts.client import Client
from contracts.registry.v1 import Contact, GetContacts
from services.chassis.running import Running

PURPOSE = "notice"


async def ask_contacts(running: Running, people: Collection[UUID]) -> dict[UUID, Contact]:
    """The contacts of at most 200 people, by id; whom registry does not know is left out. Raises Refused."""
    client = Client(running.nats, running.signer.service_token)
    answer = await client.ask(GetContacts(people=tuple(people), purpose=PURPOSE))
    return {contact.person_id: contact for contact in answer.contacts}
