"""`./linli draw verify`: was a draw held as it was committed to, and was anyone treated otherwise (A13)."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated, Final
from uuid import UUID

import httpx2
import typer
from uuid_utils.compat import uuid7

from contracts.activities.v1 import AllocationMode, DrawState, GetDraw, GetDrawRecord, GetSession
from contracts.refusals import Refused
from deploy.demo.desk import Desk, NoAnswer
from deploy.draws.checking import Finding, check
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.trouble import Trouble
from deploy.local.words import in_chinese, say

MANUAL = say(
    "verify 只用公开记录复算一次抽签：承诺与种子是否相符，签号与次序是否相符，名额是否按次序分给。任何人都可以："
    "--url 指向网关即可，无需登录。--commitment 给出抽签前记下的承诺。需求优先的抽签不公开各家类别，"
    "在本机运行的系统上以只读身份核对全部。有出入时退出状态为 1。\n\n"
    "例：./linli draw verify 场次编号 --url https://lin.example.org",
    "verify recomputes a draw from its public record alone: do seed and commitment agree, lots and order, and did "
    "seats go by that order. Anyone can: --url names a gateway, no login is needed. --commitment is what was noted "
    "before the draw. Draws by need keep every family's kind to the host; of a stack that runs here they are checked "
    "as a reader. Whatever differs gives exit status 1.\n\n"
    "Example: ./linli draw verify SESSION --url https://lin.example.org",
)
VERIFIER: Final = "client:draw-verify"
TOKEN_SECONDS: Final = 60
STEPS: Final = {
    "commitment": say("承诺与种子", "commitment and seed"),
    "draw": say("抽签", "draw"),
    "lots": say("签号", "lots"),
    "order": say("次序", "order"),
    "seats": say("名额", "seats"),
}
OPEN: Final = {
    "seed-not-shown-yet": say("种子在抽签后公布,请先记下承诺", "the seed is shown after the draw: note the commitment"),
    "not-held-yet": say("尚未抽签", "not held yet"),
    "nobody-entered": say("无人报名", "nobody entered"),
    "ranks-are-not-public": say("各家类别不公开,次序由主办方核对", "ranks are not public: the host checks the order"),
    "quotas-had-a-say": say("按类分名额,此处只核对未超额", "quotas had a say: checked is that none was overfull"),
}

app = typer.Typer(add_completion=False, no_args_is_help=True)
Session = Annotated[UUID, typer.Argument(metavar="SESSION", help=say("场次编号", "The session's id"))]
Url = Annotated[str, typer.Option(metavar="URL", help=say("网关地址，默认本机", "A gateway; by default the one here"))]
Noted = Annotated[
    str | None,
    typer.Option("--commitment", metavar="HASH", help=say("抽签前记下的承诺", "The commitment noted before the draw")),
]


@app.callback()
def draw() -> None:
    """Holds the commands."""


@app.command("verify", help=say("复算一次抽签", "Recompute a draw"))
def verify(
    session: Session, url: Url = "", commitment: Noted = None, data: Data = DEFAULT_DATA, as_json: Json = False
) -> None:
    """Exit status 1 when a step of the recipe does not agree."""
    record = asyncio.run(_stranger(url, session) if url else _reader(data, session))
    found = check(record, commitment)
    if as_json:
        print(json.dumps({"session_id": str(session), "steps": [asdict(each) for each in found]}, ensure_ascii=False))
    else:
        show(record, found)
    raise typer.Exit(1 if any(each.wrong for each in found) else 0)


def show(record: DrawState, found: list[Finding]) -> None:
    """A line a step, then the families that were treated otherwise, then the verdict."""
    for each in found:
        mark = "✗" if each.wrong else "–" if each.open else "✓"
        print(f"{mark} {STEPS[each.step]}" + (f"  {OPEN[each.open]}" if each.open else ""))
        for line in each.wrong:
            print(f"    {line}")
    wrong = sum(len(each.wrong) for each in found)
    if wrong:
        print(say(f"有 {wrong} 处出入。", f"{wrong} differences."))
    elif record.seed is not None:
        entered = len(record.entries)
        if any(each.open for each in found):
            print(say(f"共 {entered} 家,能从此处核对的都相符。", f"{entered} families: what is open to us agrees."))
        else:
            print(say(f"共 {entered} 家,没有人被区别对待。", f"{entered} families: nobody was treated otherwise."))


async def _stranger(url: str, session: UUID) -> DrawState:
    return await _ask(url.rstrip("/"), "", session, by_right=False)


async def _reader(data: Data, session: UUID) -> DrawState:
    """As somebody who may read the roster, so that a draw by need is checked as well."""
    from services.chassis.tokens import Signer

    running = require_running(data)
    state = await _region(running.gateway_url, session)
    token = Signer("gateway", running.secrets_dir).mint(VERIFIER, ["reader"], state, seconds=TOKEN_SECONDS)
    return await _ask(running.gateway_url, token, session, by_right=True)


async def _region(url: str, session: UUID) -> str:
    async with httpx2.AsyncClient(trust_env=False) as client:
        try:
            return (await _desk(client, url, "").ask(GetSession(session_id=session))).region
        except (Refused, NoAnswer) as error:
            raise _trouble(error) from error


async def _ask(url: str, token: str, session: UUID, *, by_right: bool) -> DrawState:
    async with httpx2.AsyncClient(trust_env=False) as client:
        desk = _desk(client, url, token)
        try:
            record = await desk.ask(GetDrawRecord(session_id=session))
            if by_right and record.allocation is not AllocationMode.LOTTERY:
                return await desk.ask(GetDraw(session_id=session))
        except (Refused, NoAnswer) as error:
            raise _trouble(error) from error
        return record


def _desk(client: httpx2.AsyncClient, url: str, token: str) -> Desk:
    return Desk(client, lambda: url, VERIFIER, token, uuid7())


def _trouble(error: Refused | NoAnswer) -> Trouble:
    if isinstance(error, NoAnswer):
        return Trouble(say(f"没有回答：{error}", f"No answer: {error}"))
    refusal = error.refusal
    return Trouble(refusal.reason.sentence("zh" if in_chinese() else "en", refusal.params))
