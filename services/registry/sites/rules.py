"""What a site must be like to open. No I/O, no clock."""

from collections.abc import Sequence

from contracts.refusals import Refusal
from contracts.registry.v1 import OpeningHours, RoomPlan


def check_hours(hours: Sequence[OpeningHours]) -> Refusal | None:
    """Local times that begin before they end, on one day. Refusals: hours-reversed, invalid-message."""
    for number, opening in enumerate(hours):
        if opening.opens.tzinfo or opening.closes.tzinfo:
            problem = {"pointer": f"#/hours/{number}", "problem": "time_with_offset"}
            return Refusal("invalid-message", errors=[problem])
        if opening.opens >= opening.closes:
            return Refusal("hours-reversed", number=number)
    return None


def check_rooms(rooms: Sequence[RoomPlan]) -> Refusal | None:
    """A room is named once. Refusal: room-exists."""
    seen = set()
    for room in rooms:
        if room.room_id in seen:
            return Refusal("room-exists", room_id=str(room.room_id))
        seen.add(room.room_id)
    return None
