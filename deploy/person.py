"""`./linli person`: a copy of all that is held about somebody, her erasure, and new master keys."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from contracts.region import NOWHERE
from deploy.local import asking
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.private import write_private
from deploy.local.progress import Terminal
from deploy.local.record import Record
from deploy.local.trouble import Trouble
from deploy.local.words import say

MANUAL = say(
    "export 汇总各服务保存的某人的全部信息，交给本人或监护人(个人信息保护法第四十五条)。erase 销毁其密钥并清除信息"
    "(第四十七条)，不可恢复；法律要求保存的记录只保留编号。两者都以 --by 所指审批人的名义进行，并写入审计日志。"
    "未成年人的信息不由一个人决定：先由另一名工作人员登记监护人的申请，再导出。"
    "requests 列出个人信息权利申请及答复期限，最紧急的在前。renew-keys 更换主密钥。"
    "\n\n例：./linli person export 人员编号 --by 审批人编号 --to copy.json",
    "export gathers everything that any service holds about a person, for her or her guardian (PIPL 45). erase "
    "destroys her key and clears what is held (PIPL 47); it cannot be undone, and records that a law keeps stay under "
    "the id alone. Both act in the name of the approver given by --by, and leave a row in the audit log. "
    "A minor's copy is never one person's doing: somebody else first writes down the guardian's request for it. "
    "requests lists what people asked and until when they are answered, the most urgent first. "
    "renew-keys changes the master key.\n\nExample: ./linli person export ID --by APPROVER --to copy.json",
)

app = typer.Typer(add_completion=False, no_args_is_help=True)

Person = Annotated[UUID, typer.Argument(metavar="ID", help=say("人员编号", "The person's id"))]
Approver = Annotated[
    UUID, typer.Option("--by", metavar="ID", help=say("审批人的人员编号", "The id of the approver who decided it"))
]
AskedBy = Annotated[
    UUID | None,
    typer.Option("--asked-by", metavar="ID", help=say("由谁提出：本人或监护人", "Who asked: herself, or the guardian")),
]
Ground = Annotated[
    str, typer.Option(metavar="GROUND", help=say("依据，如 consent_withdrawn", "Why, such as consent_withdrawn"))
]
Region = Annotated[
    str, typer.Option(metavar="CODE", help=say("地区代码，含下级", "A region's code, with all below it"))
]
Everything = Annotated[bool, typer.Option("--all", help=say("包括已答复的", "Answered ones as well"))]
To = Annotated[Path | None, typer.Option(metavar="FILE", dir_okay=False, help=say("写入文件", "Write it to this file"))]


@app.command("export", help=say("导出某人的全部信息", "Hand out everything that is held about a person"))
def export(person: Person, by: Approver, to: To = None, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Prints the copy as one JSON document, or writes it to a file that only we may read."""
    record = require_running(data)
    teller = Terminal()
    teller.begin(say("正在汇总", "Gathering"), 4)
    try:
        copy = ask(record, by, "GET", f"/v1/people/{person}/copy")
        for held in copy["holdings"]:
            count = len(held["records"])
            teller.step(f"{held['service']}  " + say(f"{count} 条记录", f"{count} records"))
    finally:
        teller.close()
    document = json.dumps(copy, ensure_ascii=False, indent=None if as_json else 1)
    if to is None:
        print(document)
    else:
        write_private(to, document + "\n")
        print(json.dumps({"written": str(to)}) if as_json else say(f"已写入 {to}。", f"Written to {to}."))
    if copy["missing"]:
        missing = say("、", ", ").join(copy["missing"])
        raise Trouble(
            say(f"未应答的服务：{missing}。请稍后再次导出。", f"Not answered: {missing}. Export once more later.")
        )


@app.command("erase", help=say("删除某人的信息，不可恢复", "Erase a person for good"))
def erase(
    person: Person,
    by: Approver,
    ground: Ground,
    asked_by: AskedBy = None,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Erases, then waits until her key is destroyed and every service has let go of her."""
    from deploy import erasure

    record = require_running(data)
    body = {"ground": ground} | ({"asked_by": str(asked_by)} if asked_by else {})
    state = ask(record, by, "POST", f"/v1/people/{person}/erase", body)
    teller = Terminal()
    teller.begin(say("正在各服务中清除", "Clearing in every service"), erasure.steps())
    try:
        asyncio.run(erasure.follow(record, person, teller))
    finally:  # it is done, also where a service that is away will let go later
        teller.close()
        kept = say("、", ", ").join(state["kept"])
        told = say(f"已删除。依法只以编号保存：{kept}。", f"Erased. Kept under the id alone, as laws demand: {kept}.")
        print(json.dumps(state, ensure_ascii=False) if as_json else told)


@app.command(
    "requests", help=say("列出个人信息权利申请和答复期限", "List what people asked about their data, and until when")
)
def requests(
    by: Approver,
    region: Region = NOWHERE,
    everything: Everything = False,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """One line a request: its last day, what is asked, about whom, and whether it is overdue."""
    record = require_running(data)
    waiting = "false" if everything else "true"
    found = ask(record, by, "GET", f"/v1/person-requests?region={region}&waiting={waiting}&limit=500")["requests"]
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for each in found:
        late = say("  已逾期", "  overdue") if each["overdue"] else ""
        told = (each[field] for field in ("due_on", "kind", "status", "person_id", "person_request_id"))
        print("  ".join(told) + late)
    if not found:
        print(say("没有待答复的申请。", "Nothing waits for an answer."))


@app.command("renew-keys", help=say("更换主密钥并销毁旧的", "Change the master key and destroy the old one"))
def renew_keys(data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """What was wrapped by an older master key is wrapped anew; then the older ones are thrown away."""
    from deploy import erasure

    record = require_running(data)
    teller = Terminal()
    try:
        renewed = asyncio.run(erasure.renew_keys(record, teller))
    finally:
        teller.close()
    if as_json:
        print(json.dumps({"renewed": renewed}))
    else:
        print(say(f"已更换，重新封装 {renewed} 个密钥。", f"Changed; {renewed} keys are wrapped anew."))


def ask(record: Record, by: UUID, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
    """One request through the gateway in the approver's name. Trouble with the refusal's sentence."""
    from services.chassis.tokens import Signer

    token = Signer("gateway", record.secrets_dir).mint(str(by), ["approver"], seconds=60)
    found: dict[str, Any] = asking.ask(record, token, method, path, body, seconds=20)
    return found
