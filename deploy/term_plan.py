"""`./linli import-plan`: a term's plan from a sheet, shown row by row before anything is planned, and taken back."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Final, TypeVar
from uuid import UUID, uuid5

import httpx2
import typer
from pydantic import TypeAdapter, ValidationError
from uuid_utils.compat import uuid7

from contracts.activities.v1 import ApplyPlan, PlanReview, UndoPlan, UploadPlan
from contracts.refusals import Refused
from contracts.region import RegionCode
from deploy.demo.desk import Desk, NoAnswer
from deploy.demo.screen import Screen
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.record import Record
from deploy.local.trouble import Trouble
from deploy.local.words import in_chinese, say

MANUAL = say(
    "文件为 .xlsx 或 .csv（UTF-8、GB18030）。表头须有：日期、开始、结束、阵地、房间、项目、主题、名额；"
    "可有：编号、对象、布置分钟、整理分钟、许可编号。先只作比对，逐行说明新增、变更、未变或为何不行；"
    "加 --apply 才排期（草稿），加 --publish 直接发布。同一 --plan 再次导入即比对变更；"
    "--undo 加上传编号可整批撤销（尚无人报名时）。有被拒的行时退出状态为 1。"
    "\n\n例：./linli import-plan 秋季计划.xlsx --region 350503001001 --apply",
    "The file is .xlsx or .csv (UTF-8 or GB18030). Its heading needs 日期, 开始, 结束, 阵地, 房间, 项目, 主题 and "
    "名额, and may have 编号, 对象, 布置分钟, 整理分钟 and 许可编号. It is only compared at first, and each row is "
    "new, changed, unchanged, or refused with the reason; --apply plans it (as drafts), --publish opens it at once. "
    "The same --plan again compares with what stands; --undo with an upload's id takes it back while nobody is "
    "enrolled. Rows refused: exit status 1.\n\n"
    "Example: ./linli import-plan autumn.xlsx --region 350503001001 --apply",
)
IMPORTER: Final = "client:import-plan"
PLANS: Final = UUID("018bcfe5-6800-7000-8000-000000000002")
"""The name space of plans: the same region and name is the same plan on every machine."""
MOST_BYTES: Final = 520_000
TOKEN_SECONDS: Final = 600
OUTCOMES: Final = {"new": "新增", "changed": "变更", "unchanged": "未变", "refused": "不行", "gone": "表中已无"}
STATUSES: Final = {"drafted": "尚未应用", "applied": "已应用", "undone": "已撤销"}

T = TypeVar("T")
File = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", exists=True, dir_okay=False, help=say("表格文件", "The sheet")),
]
Region = Annotated[str, typer.Option(help=say("12 位区划代码", "The 12-digit division code"))]
Plan = Annotated[str, typer.Option(help=say("计划名称，默认文件名", "The plan's name; by default the file's"))]
Apply = Annotated[bool, typer.Option("--apply", help=say("按比对结果排期", "Plan what the comparison shows"))]
Publish = Annotated[bool, typer.Option("--publish", help=say("直接发布，不留草稿", "Publish at once, no drafts"))]
Undo = Annotated[str, typer.Option(metavar="UPLOAD", help=say("撤销这次上传", "Take this upload back"))]


def import_plan(
    region: Region,
    file: File = None,
    plan: Plan = "",
    apply: Apply = False,
    publish: Publish = False,
    undo: Undo = "",
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Uploads a sheet into the running stack, maybe applies it; or takes an upload back."""
    record = require_running(data)
    if (file is None) == (not undo):
        raise Trouble(say("请给出一个文件，或 --undo 加上传编号。", "Give a file, or --undo with an upload's id."))
    if file is None:
        command = UndoPlan(upload_id=_uuid(undo))
        review = _run(record, region, lambda desk: desk.send(command))
    else:
        upload = _upload(file, _region(region), plan or file.stem)
        review = _run(record, region, lambda desk: _import(desk, upload, apply=apply or publish, publish=publish))
    if as_json:
        print(json.dumps(review.model_dump(mode="json"), ensure_ascii=False))
    else:
        show(review, Screen())
    raise typer.Exit(1 if review.refused else 0)


async def _import(desk: Desk, upload: UploadPlan, *, apply: bool, publish: bool) -> PlanReview:
    review = await desk.send(upload, wait_for=())
    if not apply:
        return review
    return await desk.send(ApplyPlan(upload_id=upload.upload_id, publish=publish), wait_for=())


def _upload(file: Path, region: str, plan: str) -> UploadPlan:
    content = file.read_bytes()
    if not content or len(content) > MOST_BYTES:
        raise Trouble(
            say(
                f"{file} 为空或超过 {MOST_BYTES:,} 字节：请按阵地或月份分开。",
                f"{file} is empty or has more than {MOST_BYTES:,} bytes: split it by site or month.",
            )
        )
    return UploadPlan(
        upload_id=uuid7(), plan_id=uuid5(PLANS, f"{region} {plan}"), region=region, file=b64encode(content).decode()
    )


def _run(record: Record, region: str, work: Callable[[Desk], Awaitable[T]]) -> T:
    from services.chassis.tokens import Signer

    token = Signer("gateway", record.secrets_dir).mint(IMPORTER, ["editor"], _region(region), seconds=TOKEN_SECONDS)

    async def run() -> T:
        async with httpx2.AsyncClient(trust_env=False) as client:
            return await work(Desk(client, lambda: record.gateway_url, IMPORTER, token, uuid7()))

    try:
        return asyncio.run(run())
    except Refused as refused:
        language = "zh" if in_chinese() else "en"
        raise Trouble(refused.refusal.reason.sentence(language, refused.refusal.params)) from refused
    except NoAnswer as silent:
        raise Trouble(say(f"没有回答：{silent}", f"No answer: {silent}")) from silent


def show(review: PlanReview, screen: Screen) -> None:
    """Every row with what it does or why not, then the counts and how to go on."""
    headings = say("行,日期,主题,结果,说明", "row,day,title,outcome,meaning").split(",")
    chinese = in_chinese()
    rows = [
        (
            row.row or "",
            row.day or "",
            row.title or "",
            OUTCOMES.get(row.outcome, row.outcome) if chinese else row.outcome,
            (row.zh if chinese else row.en) or say("、", ", ").join(row.fields),
        )
        for row in review.rows
    ]
    status = STATUSES.get(review.status, review.status)
    screen.table(say(f"计划比对（{status}）", f"The plan ({review.status})"), headings, rows)
    screen.line(
        say(
            f"新增 {review.new}，变更 {review.changed}，未变 {review.unchanged}，不行 {review.refused}，"
            f"表中已无 {review.gone}。上传编号 {review.upload_id}",
            f"{review.new} new, {review.changed} changed, {review.unchanged} unchanged, {review.refused} refused, "
            f"{review.gone} gone. Upload {review.upload_id}",
        )
    )


def _region(written: str) -> str:
    try:
        region: str = TypeAdapter(RegionCode).validate_python(written)
    except ValidationError:
        raise Trouble(say("--region 须为 12 位区划代码。", "--region must be a 12-digit division code.")) from None
    return region


def _uuid(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise Trouble(say("看不懂上传编号。", "Cannot read the upload's id.")) from None
