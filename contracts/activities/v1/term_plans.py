"""A term's plan as an office writes it, in a sheet: read, compared, applied, taken back."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ...data import Code, PublicNote, SessionId, SheetFile, Title
from ...message import Command, Part, Query
from ...region import RegionCode
from .. import refusals as refusals

__all__ = [
    "ApplyPlan",
    "GetPlan",
    "PlanReview",
    "PlanRow",
    "UndoPlan",
    "UploadPlan",
]

ROW_REFUSALS = ("cell-unreadable", "cell-empty", "row-repeated", "name-unknown", "name-ambiguous", "session-changed")
"""Reasons that a row is given, beside those of planning; none refuses the upload."""


class PlanRow(Part):
    """What a row of the sheet would do: `new`, `changed`, `unchanged`, or `refused` with a reason and two sentences.

    `gone` is a session of an earlier upload of this plan that the sheet no longer names: it stays until somebody calls
    it off. `row` is the number the sheet shows, 0 where it names none.
    """

    row: int
    outcome: Code
    session_id: SessionId | None = None
    title: Title | None = None
    day: date | None = None
    fields: tuple[Code, ...] = ()
    reason: Code | None = None
    zh: PublicNote | None = None
    en: PublicNote | None = None


class PlanReview(Part):
    """`drafted` until it is applied, then `applied`, `undone` when that was taken back."""

    upload_id: UUID
    plan_id: UUID
    status: Code
    new: int
    changed: int
    unchanged: int
    refused: int
    gone: int
    rows: tuple[PlanRow, ...]


class UploadPlan(
    Command[PlanReview],
    name="upload-plan",
    permission="activities.plan",
    http="POST /v1/term-plans",
    refusals=("upload-exists", "sheet-unreadable", "sheet-too-long", "column-missing", *ROW_REFUSALS),
):
    """Reads a term's plan and says row by row what it would do; nothing is planned yet.

    `plan_id` names the plan through its uploads: a row is known again by its 编号, else by site, room, day and start.
    Columns: 日期, 开始, 结束, 阵地, 房间, 项目, 主题, 名额, and if wanted 编号, 对象, 布置分钟, 整理分钟, 许可编号.
    Sites and programmes are named as they are in the system, within `region`.
    """

    upload_id: UUID
    plan_id: UUID
    region: RegionCode
    file: SheetFile


class ApplyPlan(
    Command[PlanReview],
    name="apply-plan",
    permission="activities.plan",
    http="POST /v1/term-plans/{upload_id}/apply",
    refusals=("unknown-upload", "upload-applied"),
):
    """Plans what an upload would do: all new and changed rows, or those of `rows`; refused ones are passed over.

    Every row is decided anew: what has come to stand against it meanwhile is refused and said so. New sessions are
    drafts unless `publish`.
    """

    upload_id: UUID
    rows: tuple[Annotated[int, Field(ge=1, le=1_048_576)], ...] = Field((), max_length=1000)
    publish: bool = False


class UndoPlan(
    Command[PlanReview],
    name="undo-plan",
    permission="activities.plan",
    http="POST /v1/term-plans/{upload_id}/undo",
    refusals=("unknown-upload", "upload-not-applied", "plan-used", "room-taken"),
):
    """Takes an applied upload back as a whole: new sessions go, changed ones are as before.

    Refused once anybody is enrolled in one of them, or one was changed, moved or closed since.
    """

    upload_id: UUID


class GetPlan(
    Query[PlanReview],
    name="get-plan",
    permission="activities.plan",
    http="GET /v1/term-plans/{upload_id}",
    refusals=("unknown-upload",),
):
    """An upload as it was read, or as it was applied."""

    upload_id: UUID
