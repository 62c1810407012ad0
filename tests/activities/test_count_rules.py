"""How sessions are counted, worded, parted by periods and withheld: rules without any server."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.activities.v1 import ClosePeriod, CountKind, RegionLevel
from contracts.data import AgeBand
from contracts.refusals import Refusal
from services.activities.counting import rules, spans
from services.activities.counting.rules import Came, Subject, Sums, phrase
from services.activities.counting.suppression import is_small, withheld
from tests.activities.world import at

SESSION = Subject(uuid4(), uuid4(), "350503001001", uuid4(), date(2026, 5, 20), (uuid4(), uuid4()))


@pytest.mark.parametrize(
    ("count", "unit", "wording"),
    [
        (0, "人次", "0人次"),
        (69, "场次", "69场次"),
        (99, "人次", "99人次"),
        (100, "人次", "100人次"),
        (214, "场", "200余场"),
        (941, "人次", "900余人次"),
        (2_980, "人次", "近3000人次"),
        (3_000, "人次", "3000人次"),
        (5_236, "人", "5000余人"),
        (9_999, "人次", "近1万人次"),
        (10_000, "人次", "1万人次"),
        (10_001, "人次", "1万多人次"),
        (15_236, "人次", "1万多人次"),
        (41_236, "人次", "4万多人次"),
        (39_600, "人次", "近4万人次"),
        (120_000, "人次", "12万人次"),
        (99_999_999, "人次", "近1亿人次"),
        (123_456_789, "人次", "1亿多人次"),
    ],
)
def test_a_count_is_worded_as_officials_write_it(count: int, unit: str, wording: str) -> None:
    assert phrase(count, unit) == wording


@given(st.integers(0, 10**9))
def test_a_wording_is_never_far_from_the_count(count: int) -> None:
    said = phrase(count, "")
    number = int(said.strip("近余多").replace("亿", "0" * 8).replace("万", "0" * 4))

    if said[0] == "近":
        assert count < number <= count * 1.05
    elif said[-1] in "余多":
        assert number < count < 2 * number
    else:
        assert number == count


def test_a_day_belongs_to_its_month_quarter_half_and_year() -> None:
    assert spans.periods_of(date(2026, 6, 30)) == ("2026-06", "2026Q2", "2026H1", "2026")
    assert spans.periods_of(date(2026, 7, 1)) == ("2026-07", "2026Q3", "2026H2", "2026")
    assert spans.slots_of(date(2026, 12, 31)) == (12, 16, 18, 19)
    assert spans.slots_of(date(2026, 1, 1)) == (1, 13, 17, 19)


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_a_period_holds_exactly_its_days(day: date) -> None:
    for period in spans.periods_of(day):
        first, after = spans.days_of(period)
        assert first <= day < after
        assert spans.periods_of(day)[0] in spans.months_of(period)
        assert spans.days_of(spans.months_of(period)[0])[0] == first
        assert spans.days_of(spans.months_of(period)[-1])[1] == after


def test_a_session_stands_once_in_every_region_above_it() -> None:
    keys = [key for key, topic in rules.keys_of(SESSION, SESSION.topics) if topic is rules.ALL]
    regions = ["350000000000", "350500000000", "350503000000", "350503001000", "350503001001"]
    assert [key.region for key in keys] == regions
    assert [key.level for key, _ in rules.keys_of(SESSION, [SESSION.site])] == [rules.LOWEST]


def test_what_a_street_holds_itself_stands_among_its_communities() -> None:
    street = Subject(uuid4(), uuid4(), "350503001000", uuid4(), date(2026, 5, 20), ())
    assert [place.region for place in street.places][-2:] == ["350503001000"] * 2
    assert rules.level_below("350503001000", None) == 12
    assert rules.level_below("350500000000", None) == 6
    assert rules.level_below("350500000000", RegionLevel.COMMUNITY) == 12


def test_identified_people_and_declared_heads_are_never_added() -> None:
    nobody, crowd = Came({}), Came({}, declared=80)
    some = Came({uuid4(): AgeBand.SCHOOL, uuid4(): AgeBand.SCHOOL, uuid4(): AgeBand.SENIOR}, declared=80)

    assert crowd.sums() == Sums(held=0, times=0, by_declaration=1, declared=80)
    assert some.sums() == Sums(held=1, times=3, by_declaration=0, declared=80)
    changed = rules.differences(SESSION, crowd, some)
    assert changed[rules.ALL] == Sums(held=1, times=3, by_declaration=-1, declared=0)
    bands = {topic.id: sums for topic, sums in changed.items() if topic.kind is CountKind.AUDIENCE}
    assert bands[rules.BAND_TOPICS[AgeBand.SCHOOL]] == Sums(held=1, times=2)
    assert sum(sums.times for sums in bands.values()) == 3
    assert rules.differences(SESSION, some, nobody)[rules.ALL] == Sums(-1, -3, 0, -80)


def test_a_period_is_frozen_when_it_is_over_and_counted() -> None:
    asked = ClosePeriod(period_id=uuid4(), region="350503001000", period="2026-05")
    knowing = asked.model_copy(update={"leave_uncounted": True})
    june = asked.model_copy(update={"period": "2026-06"})
    country = asked.model_copy(update={"region": "000000000000"})

    assert rules.may_freeze(asked, 0, at(0, day=1)) is None
    assert rules.may_freeze(june, 0, at(0, day=30)) == Refusal("period-not-over", until="2026-07-01T00:00:00+08:00")
    assert rules.may_freeze(asked, 2, at(0)) == Refusal("sessions-uncounted", count=2)
    assert rules.may_freeze(knowing, 2, at(0)) is None
    assert rules.may_freeze(country, 0, at(0)) == Refusal("region-too-wide")


def test_people_are_added_on_evidence_and_once() -> None:
    here, gone, new = uuid4(), uuid4(), uuid4()
    attendance = uuid4()
    counted = {uuid4(): here, attendance: gone}

    assert rules.may_correct([], [], None, counted, []) == Refusal("nothing-to-correct")
    assert rules.may_correct([new], [], None, counted, [new]) == Refusal("evidence-missing")
    assert rules.may_correct([new], [], "photo-1", counted, []) == Refusal("unknown-person", person_id=str(new))
    assert rules.may_correct([here], [], "photo-1", counted, [here]) == Refusal("already-counted", person_id=str(here))
    assert rules.may_correct([new, new], [], "p", counted, [new]) == Refusal("already-counted", person_id=str(new))
    assert rules.may_correct([], [uuid4()], None, counted, []) == Refusal("unknown-attendance")
    assert rules.may_correct([gone, new], [attendance], "photo-1", counted, [gone, new]) is None


people = st.integers(0, 9)


@given(st.lists(st.sets(people, max_size=10), max_size=6))
def test_no_difference_of_what_is_shown_tells_of_a_few_people(cells: list[set[int]]) -> None:
    """Cells may hold the same people; who knows the total and all cells shown knows the rest as a whole."""
    k, total = 5, set().union(*cells)
    hidden = withheld({place: len(cell) for place, cell in enumerate(cells)}, k)

    rest: set[int] = set().union(*(cells[place] for place in hidden))
    assert all(not is_small(len(cell), k) for place, cell in enumerate(cells) if place not in hidden)
    assert not is_small(len(rest), k) or all(len(cell) < k for cell in cells)
    if is_small(len(rest), k) and not is_small(len(total), k):
        pytest.fail(f"{cells} {hidden}")
