"""What happens: the home of programmes, sessions, enrolment, offers, attendance and counts."""

from contracts.registry.v1 import GetSealingKeys
from services.chassis import Service

activities = Service("activities", asks=(GetSealingKeys,))
