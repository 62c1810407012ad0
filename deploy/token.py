"""`./linli token`: a signed access token for trying a running stack by hand."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer

from contracts.region import NOWHERE, pad
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.trouble import Trouble
from deploy.local.words import say

MANUAL = say(
    "令牌写在标准输出上，可直接用于请求头 Authorization: Bearer。签发后在有效期内不能收回，只供试用；"
    "正式系统由网关按登录签发。\n\n"
    '例：curl -H "Authorization: Bearer $(./linli token --role editor --region 3505)" '
    "http://127.0.0.1:8080/v1/units?region=350500000000",
    "Prints the token on standard output, ready for the header Authorization: Bearer. It cannot be taken back before "
    "it ends, so it is for trying things out; in earnest the gateway makes tokens from logins.\n\n"
    'Example: curl -H "Authorization: Bearer $(./linli token --role editor --region 3505)" '
    "http://127.0.0.1:8080/v1/units?region=350500000000",
)

SOMEBODY: Final = "00000000-0000-7000-8000-000000000001"
NEVER_BY_HAND: Final = frozenset({"service", "edge", "anonymous"})

Roles = Annotated[
    list[str], typer.Option("--role", metavar="ROLE", help=say("角色，可重复", "A role; may be repeated"))
]
Region = Annotated[
    str,
    typer.Option(metavar="CODE", help=say("可操作的地区，如 3505；默认全部", "Where, such as 3505; by default all")),
]
Subject = Annotated[str, typer.Option(metavar="ID", help=say("以谁的编号", "The id of who asks"))]
Hours = Annotated[float, typer.Option(min=0.01, max=24 * 30, help=say("有效小时数", "How long it is good, in hours"))]


def token(
    role: Roles,
    region: Region = "",
    subject: Subject = SOMEBODY,
    hours: Hours = 8.0,
    data: Data = DEFAULT_DATA,
    as_json: Json = False,
) -> None:
    """Mints a token with the stack's signing key. Trouble for an unknown role or region."""
    from services.chassis.tokens import Signer

    record = require_running(data)
    code = _region(region)
    signed = Signer("gateway", record.secrets_dir).mint(subject, _roles(role), code, seconds=int(hours * 3600))
    if as_json:
        until = datetime.now(UTC) + timedelta(hours=hours)
        told = {"token": signed, "subject": subject, "roles": sorted(role), "region": code}
        print(json.dumps({**told, "until": until.isoformat(timespec="seconds")}))
    else:
        print(signed)


def _roles(asked: list[str]) -> list[str]:
    from services.chassis.access import GRANTS

    known = [role for role in GRANTS if role not in NEVER_BY_HAND]
    unknown = [role for role in asked if role not in known]
    if unknown:
        raise Trouble(
            say(
                f"没有角色 {'、'.join(unknown)}。可选：{'、'.join(known)}。",
                f"There is no role {', '.join(unknown)}. Choose among {', '.join(known)}.",
            )
        )
    return asked


def _region(written: str) -> str:
    try:
        return pad(written) if written else NOWHERE
    except ValueError:
        raise Trouble(
            say(
                f"看不懂地区 {written}：应为 2、4、6、9 或 12 位代码，如 3505。",
                f"Cannot read the region {written}: give a code of 2, 4, 6, 9 or 12 digits, such as 3505.",
            )
        ) from None
