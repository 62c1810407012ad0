"""`./linli account`: gives a person a login, or keeps her out; by commands, like any other caller."""

import getpass
import json
import sys
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from deploy.local import asking
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.trouble import Trouble
from deploy.local.words import say

MANUAL = say(
    "账号属于已登记的人员；能做什么由其任职决定(POST /v1/units/{unit_id}/appointments)。"
    "密码从终端或标准输入读取，不出现在命令行中。\n\n例：./linli account create wang.fang --person 人员编号",
    "An account belongs to a registered person; what she may do follows from her posts "
    "(POST /v1/units/{unit_id}/appointments). The password is read from the terminal or standard input, never from the "
    "command line.\n\nExample: ./linli account create wang.fang --person ID",
)

app = typer.Typer(add_completion=False, no_args_is_help=True)

Person = Annotated[UUID, typer.Option("--person", metavar="ID", help=say("人员编号", "The person's id"))]
Login = Annotated[
    str, typer.Argument(metavar="LOGIN", help=say("登录名，如 wang.fang", "The login, such as wang.fang"))
]
AccountId = Annotated[UUID, typer.Argument(metavar="ACCOUNT", help=say("账号编号", "The account's id"))]


@app.command("create", help=say("为已登记的人员开通账号", "Give a registered person an account"))
def create(login: Login, person: Person, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Creates an account. Trouble with the refusal's sentence where registry refuses."""
    body = {"account_id": str(uuid4()), "person_id": str(person), "login": login, "password": read_password()}
    tell(ask(data, "/v1/accounts", body), as_json, say("已开通账号", "Account"))


@app.command("close", help=say("关闭账号，结束其所有登录", "Close an account and end its logins"))
def close(account: AccountId, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Closes an account."""
    tell(ask(data, f"/v1/accounts/{account}/close", {}), as_json, say("已关闭账号", "Closed account"))


@app.command("unlock", help=say("解除多次输错后的锁定", "Lift the lock after wrong passwords"))
def unlock(account: AccountId, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Unlocks an account."""
    tell(ask(data, f"/v1/accounts/{account}/unlock", {}), as_json, say("已解锁账号", "Unlocked account"))


def read_password() -> str:
    """Asked twice at a terminal; one line where something is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass(say("密码：", "Password: "))
    if getpass.getpass(say("再输一次：", "Again: ")) != password:
        raise Trouble(say("两次输入不同，请重试。", "The two differ; try again."))
    return password


def ask(data: Any, path: str, body: dict[str, str]) -> dict[str, Any]:
    """One command through the gateway, as the operator of this stack."""
    from services.chassis.tokens import Signer

    record = require_running(data)
    token = Signer("gateway", record.secrets_dir).mint("operator", ["operator"], seconds=60)
    account: dict[str, Any] = asking.ask(record, token, "POST", path, body, seconds=10)
    return account


def tell(account: dict[str, Any], as_json: bool, what: str) -> None:
    if as_json:
        print(json.dumps(account, ensure_ascii=False))
    else:
        print(f"{what} {account['account_id']}")
