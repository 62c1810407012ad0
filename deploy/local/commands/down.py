"""`./linli down`: asks the supervisor to stop everything, and waits."""

import json
import signal
import time
from pathlib import Path

from deploy.local.claim import is_claimed
from deploy.local.living import Living
from deploy.local.options import DEFAULT_DATA, Data, Json
from deploy.local.progress import Terminal
from deploy.local.record import find_running, remove_record
from deploy.local.trouble import Trouble
from deploy.local.words import say

STOP_SECONDS = 120.0

MANUAL = say(
    "让各服务做完手头的事，然后停止服务、NATS 与 PostgreSQL。数据保留。",
    "Lets the services finish what they are doing, then stops them, NATS and PostgreSQL. The data stays.",
)


def down(data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Stops the stack of a directory; nothing to stop is no error."""
    stopped = stop_stack(data)
    if as_json:
        print(json.dumps({"stopped": stopped, "directory": str(data)}))
    elif stopped:
        print(say("已停止。", "Stopped."))
    else:
        print(say(f"{data} 中没有运行的系统。", f"Nothing runs in {data}."))


def stop_stack(directory: Path) -> bool:
    """Stops the directory's stack and waits until it is gone; False when there was none."""
    record = find_running(directory)
    if record is None:
        if not is_claimed(directory):
            remove_record(directory)  # what a crash left behind
        return False
    teller = Terminal()
    teller.begin(say("正在停止邻里", "Stopping Linli"), 1)
    try:
        record.supervisor.send(signal.SIGTERM)
        wait_until_gone(record.supervisor)
        if not is_claimed(directory):
            remove_record(directory)  # a killed supervisor could not
        teller.step(say("全部进程已结束", "every process has ended"))
    except PermissionError as denied:
        raise Trouble(
            say(
                f"进程 {record.supervisor.pid} 属于另一个用户。请以该用户运行 ./linli down。",
                f"Process {record.supervisor.pid} belongs to another user. Run ./linli down as that user.",
            )
        ) from denied
    finally:
        teller.close()
    return True


def wait_until_gone(supervisor: Living) -> None:
    """Waits for the supervisor; a stuck one is killed, which takes its children with it."""
    deadline = time.monotonic() + STOP_SECONDS
    while supervisor.alive:
        if time.monotonic() > deadline:
            supervisor.kill()
        time.sleep(0.05)
