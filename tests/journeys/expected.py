"""What the afternoon must come to, counted from its script alone: no service, no database, no output was copied."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from deploy.demo.closing import Closing
from deploy.demo.script import DIVISIONS, ClassLine, Script, StintLine
from deploy.divisions import parts_of, read_file

CHANNELS = 2
STREET_OF_THE_CENTRE = "350503001"


@dataclass(frozen=True)
class Expected:
    """The figures of a script; families are seated in order of arrival while they fit whole."""

    script: Script

    @cached_property
    def closing(self) -> Closing:
        return Closing(
            sessions_held=len(self.held),
            person_times=sum(len(each.comes) for each in self.held),
            persons=len({name for each in self.held for name in each.comes}),
            minutes=sum(map(minutes_of, self.script.service.stints)),
            notices={"cancelled": self.withdrawn, "sent": self.told + self.webhooks, "superseded": self.superseded},
            events={
                "activities": sum(map(self.events_of_class, self.classes)) + self.programmes + self.of_the_series,
                "notify": 1 + self.told + self.superseded + self.withdrawn,
                "registry": self.registry,
                "volunteers": self.volunteers,
            },
        )

    @property
    def classes(self) -> list[ClassLine]:
        return list(self.script.classes.values())

    @property
    def held(self) -> list[ClassLine]:
        return [each for each in self.classes if each.comes]

    @property
    def programmes(self) -> int:
        return len(self.script.programmes)

    @property
    def of_the_series(self) -> int:
        """The series itself, and its days that the script says nothing about."""
        series = self.script.series
        wednesday = date(2026, 6, 3)
        days = [wednesday + timedelta(days=day) for day in range(series.first_day, series.last_day + 1)]
        planned = [day for day in days if day.isoweekday() in series.weekdays]
        return 1 + len(planned) - sum(each.of_series is not None for each in self.classes)

    def seated(self, each: ClassLine) -> list[str]:
        """The families that get seats when they enrol."""
        free = each.capacity or self.script.series.capacity
        seated = []
        for family in each.enrols:
            if len(self.script.party(each, family)) <= free:
                free -= len(self.script.party(each, family))
                seated.append(family)
        return seated

    def events_of_class(self, each: ClassLine) -> int:
        """Planned; each family placed or queued; seats passed on, maybe over somebody; marks; counted or cancelled."""
        waiting = [family for family in each.enrols if family not in self.seated(each)]
        passed_over = bool(each.accepts) and waiting[0] != each.accepts
        passed_on = 3 + passed_over if each.withdraws else 0
        mistake = 2 if each.by_mistake else 0
        marks = len(each.comes) + len(each.leaves_early) + mistake
        return 1 + len(each.enrols) + passed_on + marks + bool(each.comes) + bool(each.cancelled)

    @property
    def registry(self) -> int:
        script = self.script
        sites = [*script.centre_sites, *(row for listing in script.site_lists for row in listing.rows)]
        undecided = sum(bool(row.decided) for listing in script.site_lists for row in listing.rows)
        children = sum(len(family.children) for family in script.families)
        minors = sum(bool(helper.guardian) for helper in script.volunteers)
        staff = sum(who.region.startswith("3505") and not who.machine for who in script.staff.values())
        officers = sum(bool(officer.name) for officer in script.officers)
        people = len(script.families) + children + len(script.volunteers) + staff + officers
        lists = sum(len(parts_of(level)) for level in read_file(DIVISIONS))
        places = lists + len(script.federations) + 1 + len(sites) + undecided
        return places + people + children + minors + len(script.officers)

    @property
    def volunteers(self) -> int:
        """Team, volunteers, shift; then each stint: taken, opened, closed, credited; one certificate."""
        return 1 + len(self.script.volunteers) + 1 + 4 * len(self.script.service.stints) + 1

    @property
    def reminders(self) -> int:
        """Planned for whoever got seats, at once or by an offer."""
        return sum(len(self.seated(each)) + bool(each.accepts) for each in self.classes)

    @property
    def withdrawn(self) -> int:
        """Reminders whose reason died: the family gave its seats back, or the session was called off."""
        return CHANNELS * sum(
            len(self.seated(each)) if each.cancelled else bool(each.withdraws) for each in self.classes
        )

    @property
    def superseded(self) -> int:
        """What was told of a session that was called off later."""
        return CHANNELS * sum(len(each.enrols) for each in self.classes if each.cancelled)

    @property
    def told(self) -> int:
        """By mail and inbox, and not overtaken since."""
        families = sum(len(each.enrols) + 3 * bool(each.withdraws) for each in self.classes)
        called_off = sum(len(each.enrols) for each in self.classes if each.cancelled)
        helpers = 2 * len(self.script.service.stints) + 1
        facts = families + called_off + helpers + self.reminders
        return CHANNELS * facts - self.superseded - self.withdrawn

    @property
    def webhooks(self) -> int:
        """What activities and volunteers said in the street of the centre."""
        series = [each for each in self.classes if each.of_series is not None]
        programmes = sum(
            unit.region.startswith(STREET_OF_THE_CENTRE)
            for programme in self.script.programmes
            for unit in self.script.federations
            if unit.key == programme.unit
        )
        return sum(map(self.events_of_class, series)) + self.of_the_series + programmes + self.volunteers


def minutes_of(stint: StintLine) -> int:
    """Whole minutes, rounded down."""
    day = date(2026, 6, 3)
    return int((datetime.combine(day, stint.ends) - datetime.combine(day, stint.begins)).total_seconds() // 60)
