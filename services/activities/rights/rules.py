"""What becomes of a family's enrolment when one of them is erased. No I/O, no clock."""

from collections.abc import Collection, Mapping
from uuid import UUID

from services.activities.custody.rules import Kin
from services.activities.enrolment.rules import Enrolment


def who_answers(enrolment: Enrolment, erased: Collection[UUID], kin: Mapping[UUID, Kin]) -> UUID | None:
    """Who answers for the enrolment from now on; None where nobody is left, and it ends.

    The contact as long as she is there and somebody comes; else the first of those who come that is of age; else the
    guardian of the first of them. `kin` are the people who are known; whoever was erased before is in none of it.
    """
    left = [person for person in enrolment.people if person in kin and person not in erased]
    if not left:
        return None
    if enrolment.contact_id in kin and enrolment.contact_id not in erased:
        return enrolment.contact_id
    adults = [person for person in left if not kin[person].age_band.is_minor]
    guardians = [guardian for person in left if (guardian := kin[person].guardian_id) and guardian not in erased]
    return next(iter((*adults, *guardians)), None)
