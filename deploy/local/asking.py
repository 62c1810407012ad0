"""What an operator's command asks the gateway of its stack."""

from typing import Any

from deploy.local.record import Record
from deploy.local.trouble import Trouble
from deploy.local.words import say


def ask(record: Record, token: str, method: str, path: str, body: dict[str, str] | None, seconds: float) -> Any:
    """The answer to one request. Trouble with the refusal's sentence, or where the gateway does not answer.

    Never by a proxy of the environment: passwords and copies of people stay on the machine.
    """
    import httpx2  # here, because the command line must start fast

    headers = {"authorization": f"Bearer {token}", "accept-language": say("zh", "en")}
    url = f"{record.gateway_url}{path}"
    try:
        answer = httpx2.request(method, url, json=body, headers=headers, timeout=seconds, trust_env=False)
        found = answer.json()
    except httpx2.TransportError as away:
        raise _no_answer(type(away).__name__) from away
    except ValueError as nonsense:
        raise _no_answer(str(answer.status_code)) from nonsense
    if answer.status_code != 200:
        raise Trouble(str(found.get("detail", answer.status_code)))
    return found


def _no_answer(why: str) -> Trouble:
    return Trouble(
        say(
            f"网关没有应答（{why}），不知是否已经执行。请看 ./linli status，再运行一次。",
            f"The gateway did not answer ({why}); whether it was done is not known. See ./linli status, then run this "
            "once more.",
        )
    )
