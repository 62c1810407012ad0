"""A service that forgives nothing: it writes down every event it is handed, without any key that would hide a double.

It stands on the real chassis like every other service. The services of the house have second nets under their effects
(unique keys, upserts); here a message that is handled twice, late or never shows at once.
"""

from collections.abc import Sequence
from typing import Any, Final

from contracts import catalogue
from contracts.envelope import CloudEvent
from services.chassis import Service, Transaction
from services.chassis.app import ServiceApp
from services.chassis.settings import Settings

HEARD: Final = ("registry", "activities")
DATABASE: Final = "witness"
CREATE: Final = """
CREATE TABLE effect (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer     text NOT NULL,
    event_id     uuid NOT NULL,
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    version      int NOT NULL)
"""
ADD: Final = """
INSERT INTO effect (consumer, event_id, aggregate, aggregate_id, version)
SELECT $1, event, aggregate, id, version
FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::int[]) WITH ORDINALITY
    AS heard (event, aggregate, id, version, place) ORDER BY place
"""

witness = Service("witness")


def _writes_down(durable: str) -> Any:
    async def write_down(events: Sequence[CloudEvent[Any]], tx: Transaction) -> None:
        rows = [(each.id, type(each.data).contract.aggregate, each.aggregate_id, each.aggversion) for each in events]
        await tx.execute(ADD, durable, *map(list, zip(*rows, strict=True)))

    return write_down


for name in HEARD:
    kinds = [event for event in catalogue.EVENTS if event.contract.service == name]
    effects, steps = f"witness-effects-{name}", f"witness-steps-{name}"
    witness.reacts_to(*kinds, durable=effects)(_writes_down(effects))
    witness.remembers(*kinds, durable=steps, tables=("effect",))(_writes_down(steps))


if __name__ == "__main__":
    ServiceApp(witness, Settings(), capabilities=[]).serve()
