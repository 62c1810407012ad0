"""`./linli keys`: new keys for the tokens, while everything runs."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import typer

from deploy.local.handing_out import hand_out
from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.renewing import renewing
from deploy.local.token_keys import announce, switch
from deploy.local.words import say

MANUAL = say(
    "令牌的签名密钥，每个签发者一把。renew 先公布新密钥，各服务读到之后才开始使用；旧密钥签发的令牌在有效期内仍然有效。"
    "无须停机，建议每年一次，或在怀疑泄露时进行。容器环境：python -m deploy.compose.make_secrets --renew-keys。",
    "The keys that sign tokens, one an issuer. renew makes new ones known first and uses them once every service has "
    "read of them; what the old ones signed stays good as long as it was meant to. Nothing stops. Once a year, or when "
    "one may have leaked. With containers: python -m deploy.compose.make_secrets --renew-keys.",
)
SETTLE_SECONDS: Final = 7.0
"""Longer than a verifier goes without a look at its file of keys (services/chassis/tokens.py)."""

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def keys() -> None:
    """Holds the commands, also while there is only one."""


@app.command("renew", help=say("更换令牌的签名密钥，不停机", "Change the keys that sign tokens, without a stop"))
def renew(data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Changes every issuer's key."""
    retired = renew_in(require_running(data).secrets_dir)
    if as_json:
        print(json.dumps({"retired": retired}))
    else:
        print(
            say(
                f"已更换。停用的旧密钥：{retired} 把；其余在所签令牌到期后停用。",
                f"Changed. Earlier keys retired: {retired}; the others go when what they signed has ended.",
            )
        )


def renew_in(
    secrets_dir: Path, wait: Callable[[float], None] = time.sleep, hand_out: Callable[[Path], None] = hand_out
) -> int:
    """Announces new keys, lets every process read of them, then signs by them. Returns how many were retired.

    Trouble while somebody else does it.
    """
    with renewing(secrets_dir):
        announce(secrets_dir)
        hand_out(secrets_dir)
        wait(SETTLE_SECONDS)
        retired = switch(secrets_dir)
        hand_out(secrets_dir)
    return retired
