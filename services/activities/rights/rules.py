"""What becomes of a family's enrolment when one of them is erased. No I/O, no clock."""

from collections.abc import Collection, Mapping
from uuid import UUID

from services.activities.custody.rules import Kin
from services.activities.enrolment.rules import Enrolment


def who_answers(enrolment: Enrolment, gone: Collection[UUID], kin: Mapping[UUID, Kin]) -> UUID | None:
    """Who answers for the enrolment from now on; None where nobody is left, and it ends.

    The contact as long as she is there and somebody comes; else the first of those who come that is of age; else the
    guardian of the first of them. `gone` are those who are or were erased, `kin` the people who are known: as long as
    one of those who come is not heard of (a read model is being built anew), nothing ends.
    """
    left = [person for person in enrolment.people if person not in gone]
    if not left:
        return None
    if enrolment.contact_id not in gone:
        return enrolment.contact_id
    known = [person for person in left if person in kin]
    adults = [person for person in known if not kin[person].age_band.is_minor]
    guardians = [guardian for person in known if (guardian := kin[person].guardian_id) and guardian not in gone]
    unheard = [enrolment.contact_id] if len(known) < len(left) else []
    return next(iter((*adults, *guardians, *unheard)), None)
