"""`./linli watch`: the events of a region as they happen, one readable line each."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from deploy.local.options import DEFAULT_DATA, Data, Json, require_running
from deploy.local.record import find_running
from deploy.local.trouble import Trouble
from deploy.local.words import say
from deploy.sentences import moment, sentence, short

MANUAL = say(
    "逐行显示：时间、地点、发生了什么、对象编号的末尾。断开后自动接续，不漏不重。按 Ctrl-C 结束。\n\n"
    "例：./linli watch --region 3505 --types activities,volunteers",
    "One line an event: time, place, what happened, the end of the thing's id. It reconnects by itself and goes on "
    "where it was. Ctrl-C ends it.\n\nExample: ./linli watch --region 3505 --types activities,volunteers",
)

READ_SECONDS: Final = 45.0
"""The stream gives a sign of life every 15 seconds; after three that did not come the line is dead."""
PAUSE_SECONDS: Final = 1.0
TOKEN_SECONDS: Final = 12 * 3600

Region = Annotated[
    str, typer.Option(metavar="CODE", help=say("地区，如 3505；默认全部", "A region, such as 3505; by default all"))
]
Types = Annotated[
    str,
    typer.Option(
        metavar="PREFIXES",
        help=say("类型前缀，以逗号分隔，如 activities", "Prefixes of types, by comma, such as activities"),
    ),
]
Since = Annotated[
    str,
    typer.Option(metavar="POSITION", help=say("从 new、all 或某个位置开始", "Begin at new, all, or a position")),
]


def watch(
    region: Region = "", types: Types = "", since: Since = "new", data: Data = DEFAULT_DATA, as_json: Json = False
) -> None:
    """Follows the gateway's event stream until Ctrl-C; with `as_json` one CloudEvent a line."""
    require_running(data)
    wanted = ",".join(prefix_of(each) for each in types.split(",") if each)
    places = Places(data)
    console = Console(highlight=False)
    with suppress(KeyboardInterrupt):
        for event in follow(data, {"region": region, "types": wanted}, since):
            if as_json:
                print(json.dumps(event, ensure_ascii=False), flush=True)
            else:
                console.print(line_of(event, places.name(event.get("region", ""))), markup=False, soft_wrap=True)


def prefix_of(written: str) -> str:
    """`activities` reads as `linli.activities.`, `linli.activities.session` as it is."""
    if written.startswith("linli."):
        return written
    return f"linli.{written}" if "." in written else f"linli.{written}."


def line_of(event: dict[str, Any], place: str) -> str:
    """The line of one event."""
    if "unreadable" in event:
        return say(f"无法读取的消息：{event['type']}", f"a message that cannot be read: {event['type']}")
    return f"{moment(event.get('time', ''))}  {place}  {sentence(event)}  {short(event.get('subject', ''))}"


def follow(directory: Path, asked: dict[str, str], since: str) -> Iterator[dict[str, Any]]:
    """CloudEvents for ever; goes on after the last position when the gateway was away. Trouble for a refusal."""
    import httpx2

    position = since
    with httpx2.Client(trust_env=False, timeout=httpx2.Timeout(5.0, read=READ_SECONDS)) as client:
        while True:
            try:
                for reached, event in _listen(client, directory, asked, position):
                    position = reached
                    if event is not None:
                        yield event
            except httpx2.TransportError:
                pass
            time.sleep(PAUSE_SECONDS)


def _listen(
    client: Any, directory: Path, asked: dict[str, str], position: str
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """One connection: the position after each frame, with its event if it has one."""
    record = find_running(directory)
    if record is None:
        raise Trouble(say("系统已停止。", "The system was stopped."))
    headers = {"authorization": f"Bearer {_token(record.secrets_dir)}", "accept-language": say("zh", "en")}
    if position != "new":
        headers["last-event-id"] = position
    params = {name: value for name, value in asked.items() if value}
    with client.stream("GET", f"{record.gateway_url}/v1/events", params=params, headers=headers) as response:
        if response.status_code in (502, 503, 504):
            return
        if response.status_code != 200:
            response.read()
            raise Trouble(_refusal(response.text))
        for frame in frames(response.iter_lines()):
            position = frame.get("id", position) or position
            yield position, event_of(frame)


def event_of(frame: dict[str, str]) -> dict[str, Any] | None:
    """The CloudEvent of a frame; None where it has none. One that is no JSON object is told by its type alone."""
    if "data" not in frame:
        return None
    try:
        event = json.loads(frame["data"])
    except ValueError:
        event = None
    return event if isinstance(event, dict) else {"type": frame.get("event", ""), "unreadable": frame["data"]}


def frames(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Server-sent events as the WHATWG specification has them: fields by name, `data` lines joined."""
    frame: dict[str, str] = {}
    for line in lines:
        if not line:
            if frame:
                yield frame
            frame = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            frame[name] = f"{frame[name]}\n{value}" if name == "data" and name in frame else value


def _token(secrets: Path) -> str:
    from services.chassis.tokens import Signer

    return Signer("gateway", secrets).mint("operator:watch", ["auditor"], seconds=TOKEN_SECONDS)


def _refusal(body: str) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError):
        return body[:300]


class Places:
    """Names of divisions, asked of registry once each; the code where there is no name to be had."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[str, str] = {}

    def name(self, code: str) -> str:
        if not code.strip("0"):
            return "-"
        if code not in self._known:
            found = self._ask(code)
            if not found:
                return code
            self._known[code] = found
        return self._known[code]

    def _ask(self, code: str) -> str:
        import httpx2

        record = find_running(self._directory)
        if record is None:
            return ""
        headers = {"authorization": f"Bearer {_token(record.secrets_dir)}"}
        try:
            answer = httpx2.get(f"{record.gateway_url}/v1/divisions/{code}", headers=headers, trust_env=False)
        except httpx2.TransportError:
            return ""
        return str(answer.json()["name"]) if answer.status_code == 200 else ""
