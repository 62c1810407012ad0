"""When an appointment may end. No I/O, no clock."""

from contracts.refusals import Refusal
from contracts.registry.v1 import AppointmentState, EndAppointment


def may_end(command: EndAppointment, appointment: AppointmentState) -> Refusal | None:
    """Once, and on the first day or later. Refusals: appointment-ended, ends-before-start."""
    if appointment.until is not None:
        return Refusal("appointment-ended")
    return Refusal("ends-before-start") if command.until < appointment.since else None
