"""What happens: the home of programmes, sessions, enrolment, offers, attendance and counts."""

from services.chassis import Service

activities = Service("activities")
