"""Release N+1 as the tests imagine it: what may be added, and services that say it."""

from tests.versions.checkout import Checkout

PEOPLE = "contracts/registry/v1/people.py"
HANDLERS = "services/registry/people/handlers.py"
GREETING = """class GreetingSent(Event, fact="greeting.sent"):
    greeting_id: UUID
    person_id: PersonId"""
AGED = """def _aged(band: AgeBand) -> AgeBand:
    return AgeBand.OLDEST if band is AgeBand.SENIOR else band"""
SAID = "tx.say(_registered(person), region=person.region, version=state.version, cause=each.cause)"
SAID_TOO = (
    "tx.say(GreetingSent(greeting_id=uuid4(), person_id=person.person_id), "
    "region=person.region, version=1, cause=each.cause)"
)


def declare_next(copy: Checkout) -> None:
    """An optional field of an event, a command and a reply, a new code, and a fact that nobody hears yet."""
    copy.add(PEOPLE, "PersonRegistered", 'channel: Code | None = "counter"')
    copy.add(PEOPLE, "RegisterPerson", "channel: Code | None = None")
    copy.add(PEOPLE, "PersonState", 'channel: Code = "counter"')
    copy.change("contracts/data.py", "AgeBand", '    SENIOR = "60+"\n', '    SENIOR = "60+"\n    OLDEST = "80+"\n')
    copy.write(PEOPLE, GREETING)
    copy.write("contracts/registry/v1/__init__.py", "from .people import GreetingSent as GreetingSent")


def say_next(copy: Checkout) -> None:
    """Registry says all of that, whoever asks."""
    copy.change(HANDLERS, "register_people", SAID, f"{SAID}\n        {SAID_TOO}")
    copy.change(HANDLERS, "_registered", "age_band=person.age_band", "age_band=_aged(person.age_band)")
    copy.write(HANDLERS, "from uuid import uuid4\n\nfrom contracts.data import AgeBand")
    copy.write(HANDLERS, "from contracts.registry.v1 import GreetingSent")
    copy.write(HANDLERS, AGED)


def rename_a_field(copy: Checkout) -> None:
    """The saboteur `renamed-field`: what release N reads is no longer there."""
    copy.change(PEOPLE, "PersonRegistered", "age_band: AgeBand", "band: AgeBand")
    copy.change(HANDLERS, "_registered", "age_band=_aged", "band=_aged")


def require_a_field(copy: Checkout) -> None:
    """The saboteur `required-field`: what release N says is no longer enough."""
    copy.change(PEOPLE, "PersonRegistered", 'channel: Code | None = "counter"', "channel: Code")
    copy.change(HANDLERS, "_registered", "age_band=_aged", 'channel="counter", age_band=_aged')


SABOTEURS = {"": lambda _: None, "renamed-field": rename_a_field, "required-field": require_a_field}
