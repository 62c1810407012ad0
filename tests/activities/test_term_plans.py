"""A term's plan from a sheet: read as offices write it, reviewed row by row, applied, taken back."""

import io
import zipfile
from base64 import b64encode
from datetime import date, time
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import Workbook

from contracts.activities.v1 import (
    AmendSession,
    ApplyPlan,
    GetPlan,
    MoveSession,
    PlanReview,
    PublishSession,
    SessionCancelled,
    SessionMoved,
    SessionScheduled,
    UndoPlan,
    UploadPlan,
)
from contracts.data import AgeBand
from contracts.refusals import Refusal
from services.activities.term_plans import sheet
from services.activities.term_plans.rows import Entry, read_rows
from services.activities.term_plans.sheet import Unreadable
from tests.activities.world import COMMUNITY, Home, at, code, done, enrol
from tests.under_test import ServiceUnderTest

HEADING = ["序号", "编号", "日期", "开始时间", "结束时间", "阵地", "房间", "项目", "活动主题", "名额", "活动对象"]
HOME, ROOM, SQUARE, BLUE = "金山社区儿童之家", "大教室", "广场", "蓝色成长课堂"


def csv_of(*rows: list[str], encoding: str = "utf-8-sig") -> bytes:
    lines = [["2026年6月活动计划"], ["填报单位:金山社区妇联", "填报时间:2026-06-01"], HEADING, *rows, ["合计", "", "2"]]
    return "\r\n".join(",".join(line) for line in lines).encode(encoding)


def a_row(number: str = "1", **changes: str) -> list[str]:
    cells = {
        "编号": number, "日期": "2026-06-09", "开始时间": "15:00", "结束时间": "16:30", "阵地": HOME, "房间": ROOM,
        "项目": BLUE, "活动主题": "防溺水讲座", "名额": "20", "活动对象": "6-13岁",
    }  # fmt: skip
    return [number, *(cells | changes).values()]


SHEET = "xl/worksheets/sheet1.xml"


def workbook_of(*rows: list[object]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(workbook: bytes, name: str, text: str) -> bytes:
    """The workbook with another text in one of its parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, text if part == name else old.read(part))
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_csv_of_an_office_is_read_below_its_titles_and_above_its_totals(encoding: str) -> None:
    read = read_rows(sheet.read(csv_of(a_row(), a_row("2", 日期="2026年6月10日"), encoding=encoding)))

    assert isinstance(read, list)
    assert [row for row, _ in read] == [4, 5]
    first, second = (entry for _, entry in read)
    assert first == Entry(
        4, date(2026, 6, 9), time(15), time(16, 30), HOME, ROOM, BLUE, "防溺水讲座", 20, "1", (AgeBand.SCHOOL,)
    )
    assert isinstance(second, Entry)
    assert second.day == date(2026, 6, 10)


def test_dates_and_times_may_be_bare_numbers_and_reading_aids_are_no_words() -> None:
    aids = '<is><r><t>防溺水</t></r><r><t>讲座</t></r><rPh sb="0" eb="1"><t>fnsjz</t></rPh></is>'
    book = workbook_of(HEADING, [1, 7.0, 46182, 0.625, 0.6875, HOME, ROOM, BLUE, "讲座", 20])
    cells = zipfile.ZipFile(io.BytesIO(book)).read(SHEET).decode()
    titled = cells.replace("<is><t>讲座</t></is>", aids)
    assert titled != cells

    read = read_rows(sheet.read(with_part(book, SHEET, titled)))

    assert isinstance(read, list)
    [(_, entry)] = read
    assert entry == Entry(2, date(2026, 6, 9), time(15), time(16, 30), HOME, ROOM, BLUE, "防溺水讲座", 20, "7")


def test_a_workbook_of_an_office_is_read_below_its_title_and_above_its_sum() -> None:
    book = workbook_of(
        ["2026年6月活动计划"],
        HEADING,
        [1, 7, date(2026, 6, 9), time(15), "16:30", HOME, ROOM, BLUE, "防溺水讲座", 20, "6-13岁、14-17岁"],
        [2, 8, date(2026, 6, 10), "8点30分", time(9, 45), HOME, ROOM, BLUE, "急救课", "20人", None],
        ["合计", None, None, None, None, None, None, None, None, "=SUM(J3:J4)"],
    )

    read = read_rows(sheet.read(book))

    assert isinstance(read, list)
    first, second = (entry for _, entry in read)
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert (first.day, first.begins, first.ends, first.number) == (date(2026, 6, 9), time(15), time(16, 30), "7")
    assert first.audience == (AgeBand.SCHOOL, AgeBand.TEEN)
    assert (second.day, second.begins, second.ends, second.capacity) == (
        date(2026, 6, 10), time(8, 30), time(9, 45), 20,
    )  # fmt: skip


BOMB = "<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet/>"
GOOD = workbook_of(HEADING)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"PK\x03\x04 no zip", "not-a-workbook"),
        (with_part(GOOD, SHEET, BOMB), "not-a-workbook"),
        (with_part(GOOD, SHEET, " " * 6_000_001), "too-large"),
        (with_part(GOOD, "xl/_rels/workbook.xml.rels", "<a/>"), "not-a-workbook"),
        (with_part(GOOD, SHEET, "<row"), "not-a-workbook"),
        (with_part(GOOD, SHEET, GOOD.hex()), "not-a-workbook"),
        (workbook_of(*([number] for number in range(5_001))), "too-large"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "not-a-sheet"),  # .xls of old
        (b"\xff\xff\xff", "unknown-encoding"),
    ],
)
def test_what_is_no_sheet_is_refused_and_not_unfolded(content: bytes, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem):
        sheet.read(content)


@pytest.mark.parametrize(
    ("cells", "reason", "column"),
    [
        ({"日期": "6月9日"}, "cell-unreadable", "日期"),
        ({"日期": "2026-02-30"}, "cell-unreadable", "日期"),
        ({"开始时间": "25:00"}, "cell-unreadable", "开始"),
        ({"名额": "二十"}, "cell-unreadable", "名额"),
        ({"名额": "0"}, "cell-unreadable", "名额"),
        ({"活动对象": "大家"}, "cell-unreadable", "对象"),
        ({"活动主题": "张三11010519491231002X"}, "cell-unreadable", "主题"),  # an identity number
        ({"阵地": ""}, "cell-empty", "阵地"),
    ],
)
def test_a_cell_that_cannot_be_read_names_its_column(cells: dict[str, str], reason: str, column: str) -> None:
    read = read_rows(sheet.read(csv_of(a_row(**cells))))

    assert isinstance(read, list)
    [(_, refusal)] = read
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.params["column"]) == (reason, column)


def test_a_heading_without_a_column_and_a_sheet_without_end_are_refused() -> None:
    short = "日期,开始,阵地\n2026-06-09,15:00,家\n".encode()

    assert code(read_rows(sheet.read(short))) == "column-missing"
    assert code(read_rows(sheet.read(csv_of(*[a_row(str(n)) for n in range(1001)])))) == "sheet-too-long"


def upload(plan_id: UUID, *rows: list[str], **changes: Any) -> UploadPlan:
    values = {"upload_id": uuid4(), "plan_id": plan_id, "region": COMMUNITY, "file": b64encode(csv_of(*rows)).decode()}
    return UploadPlan.model_validate(values | changes)


def told(review: PlanReview) -> list[tuple[int, str, str | None]]:
    return [(row.row, row.outcome, row.reason) for row in review.rows]


async def test_every_row_says_what_it_would_do_or_why_not(activities: ServiceUnderTest, home: Home) -> None:
    await home.session(starts_at=at(15, day=12), ends_at=at(16, day=12))
    plan = upload(
        uuid4(),
        a_row("1"),
        a_row("2", 日期="2026-06-12"),
        a_row("3", 开始时间="16:00", 结束时间="17:00"),  # overlaps the first row
        a_row("4", 日期="2026-06-08"),  # a Monday
        a_row("1"),
        a_row("6", 阵地="不存在的家"),
        a_row("7", 房间="二楼"),
        a_row("8", 名额="61"),
        a_row("9", 日期="昨天"),
    )

    review = done(await activities.ask(plan), PlanReview)

    assert told(review) == [
        (4, "new", None),
        (5, "refused", "room-taken"),
        (6, "refused", "room-taken"),
        (7, "refused", "outside-opening-hours"),
        (8, "refused", "row-repeated"),
        (9, "refused", "name-unknown"),
        (10, "refused", "name-unknown"),
        (11, "refused", "room-too-small"),
        (12, "refused", "cell-unreadable"),
    ]
    assert review.rows[8].zh == "“日期”填写有误。请按“2026-09-01”的样子填写。"
    assert (review.new, review.refused, review.status) == (1, 8, "drafted")
    assert await activities.count("session") == 1
    assert done(await activities.query(GetPlan(upload_id=plan.upload_id)), PlanReview) == review
    assert code(await activities.ask(plan)) == "upload-exists"
    assert code(await activities.ask(upload(uuid4(), a_row()), region="350502000000")) == "not-permitted"


async def test_a_plan_is_applied_compared_and_changed_by_the_next_sheet(
    activities: ServiceUnderTest, home: Home
) -> None:
    plan_id = uuid4()
    first = upload(plan_id, a_row("1"), a_row("2", 日期="2026-06-10"), a_row("3", 日期="2026-06-11"))
    await activities.ask(first)
    applied = done(await activities.ask(ApplyPlan(upload_id=first.upload_id, publish=True)), PlanReview)
    ids = [row.session_id for row in applied.rows]

    # 1 and 2 change their days with each other, 3 is gone, 4 is new.
    second = upload(plan_id, a_row("1", 日期="2026-06-10"), a_row("2"), a_row("4", 日期="2026-06-13"))
    review = done(await activities.ask(second), PlanReview)
    assert [(row.outcome, row.fields) for row in review.rows] == [
        ("changed", ("ends_at", "starts_at")),
        ("changed", ("ends_at", "starts_at")),
        ("new", ()),
        ("gone", ()),
    ]
    chosen = done(await activities.ask(ApplyPlan(upload_id=second.upload_id, rows=(4, 5))), PlanReview)

    assert chosen.status == "applied"
    assert len(await activities.said(SessionScheduled)) == 3
    assert {fact.session_id for fact in await activities.said(SessionMoved)} == set(ids[:2])
    assert await activities.count("session") == 3
    again = done(await activities.ask(upload(plan_id, a_row("1", 日期="2026-06-10"))), PlanReview)
    assert [row.outcome for row in again.rows] == ["unchanged", "gone", "gone"]
    assert code(await activities.ask(ApplyPlan(upload_id=second.upload_id))) == "upload-applied"


async def test_what_stands_against_a_row_meanwhile_is_refused_when_it_is_applied(
    activities: ServiceUnderTest, home: Home
) -> None:
    plan = upload(uuid4(), a_row("1"), a_row("2", 日期="2026-06-10"))
    await activities.ask(plan)
    await home.session(starts_at=at(16, day=9), ends_at=at(17, day=9))

    applied = done(await activities.ask(ApplyPlan(upload_id=plan.upload_id)), PlanReview)

    assert told(applied) == [(4, "refused", "room-taken"), (5, "new", None)]
    assert await activities.count("session") == 2


async def test_an_upload_is_taken_back_as_a_whole(activities: ServiceUnderTest, home: Home) -> None:
    plan_id = uuid4()
    first = upload(plan_id, a_row("1"))
    await activities.ask(first)
    applied = done(await activities.ask(ApplyPlan(upload_id=first.upload_id, publish=True)), PlanReview)
    [session] = [row.session_id for row in applied.rows]
    assert session is not None
    before = await home.find(session)
    second = upload(plan_id, a_row("1", 活动主题="急救课", 日期="2026-06-14"), a_row("2"), a_row("3", 房间=SQUARE))
    await activities.ask(second)
    drafted = done(await activities.ask(ApplyPlan(upload_id=second.upload_id)), PlanReview)
    await activities.ask(PublishSession(session_id=drafted.rows[2].session_id or session))

    undone = done(await activities.ask(UndoPlan(upload_id=second.upload_id)), PlanReview)

    after = await home.find(session)
    assert undone.status == "undone"
    assert (after.title, after.starts_at, after.version) == (before.title, before.starts_at, 3)
    assert len(await activities.said(SessionCancelled)) == 1
    assert await activities.count("room_use") == 1
    assert code(await activities.ask(UndoPlan(upload_id=second.upload_id))) == "upload-not-applied"


@pytest.mark.parametrize("how", ["enrolled", "amended", "moved"])
async def test_an_upload_that_is_in_use_is_not_taken_back(activities: ServiceUnderTest, home: Home, how: str) -> None:
    plan = upload(uuid4(), a_row("1", 活动对象=""), a_row("2", 日期="2026-06-10"))
    await activities.ask(plan)
    applied = done(await activities.ask(ApplyPlan(upload_id=plan.upload_id, publish=True)), PlanReview)
    session = applied.rows[0].session_id
    assert session is not None
    if how == "enrolled":
        assert code(await activities.ask(enrol(session, await home.people(1)))) == "confirmed"
    elif how == "amended":
        await activities.ask(AmendSession(session_id=session, title="改名"))
    else:
        await activities.ask(MoveSession(session_id=session, starts_at=at(9, day=14), ends_at=at(10, day=14)))

    assert await activities.ask(UndoPlan(upload_id=plan.upload_id)) == Refusal("plan-used", session_id=str(session))
    assert await activities.said(SessionCancelled) == []


async def test_of_two_who_apply_one_upload_one_does(activities: ServiceUnderTest, home: Home) -> None:
    plan = upload(uuid4(), a_row("1"), a_row("2", 日期="2026-06-10"))
    await activities.ask(plan)

    answers = await activities.ask_at_once([ApplyPlan(upload_id=plan.upload_id)] * 4)

    refusals = [code(each) for each in answers if isinstance(each, Refusal)]
    assert refusals == ["upload-applied"] * 3
    assert await activities.count("session") == 2
