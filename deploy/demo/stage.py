"""Puts the story on a stack: what it needs is added before the start, then it is played."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import httpx2

from contracts.refusals import Refused
from deploy.local.probe import get
from deploy.local.record import Record, addresses, find_running
from deploy.local.stack import Stack
from deploy.local.trouble import Trouble
from deploy.local.words import say

from .closing import Closing
from .desk import NoAnswer
from .playbook import play as play_scenes
from .props import Props, props_of
from .screen import Screen
from .script import read_script
from .story import Story

T = TypeVar("T")


def prepare(stack: Stack) -> None:
    """Adds the demo's clock, mailbox and receiver to a stack that is about to start."""
    Props.of(stack.directory).add_to(stack)


def play(record: Record, as_json: bool) -> Closing:
    """Plays the story on a running stack and prints the closing table. Trouble when it cannot be played to its end."""
    props = props_of(record)
    screen = Screen()
    try:
        closing = _in_a_loop(_tell(props, screen))
    except (NoAnswer, Refused, httpx2.HTTPError) as stopped:
        raise Trouble(
            say(
                f"演示中断：{type(stopped).__name__} {stopped}。看 ./linli status 与 {record.directory}/logs，"
                "然后再运行一次：已完成的步骤不会重复。",
                f"The demo stopped: {type(stopped).__name__} {stopped}. See ./linli status and the logs in "
                f"{record.directory}/logs, then run it again: what is done is not done twice.",
            )
        ) from stopped
    if as_json:
        print(json.dumps(closing.as_dict(), ensure_ascii=False), flush=True)
    show_addresses(record, props, screen)
    return closing


async def _tell(props: Props, screen: Screen) -> Closing:
    async with httpx2.AsyncClient(trust_env=False) as client:
        story = Story(
            script=read_script(),
            day=props.fix_day(),
            clock=props.clock,
            props=props,
            record=lambda: _record_of(props.directory),
            screen=screen,
            client=client,
        )
        return await play_scenes(story)


def _record_of(directory: Path) -> Record:
    record = find_running(directory)
    if record is None:
        raise NoAnswer(say("系统已停止", "the system was stopped"))
    return record


def _in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """Runs the work in a thread of its own: a signal's exception then ends this thread's wait, never a callback."""
    done: Future[T] = Future()
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)

    def run() -> None:
        try:
            done.set_result(loop.run_until_complete(task))
        except BaseException as error:
            done.set_exception(error)
        finally:
            loop.close()

    thread = Thread(target=run, name="story", daemon=True)
    thread.start()
    try:
        return done.result()
    except BaseException:
        with suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(task.cancel)
        thread.join()
        raise


def show_addresses(record: Record, props: Props, screen: Screen) -> None:
    """Where to look now."""
    mails = json.loads(get(f"{props.mailbox_url}/count").body or b"{}").get("mails", 0)
    received = json.loads(get(f"{props.receiver_url}/received").body or b"{}").get("received", 0)
    known = addresses(record.gateway_url)
    rows = [
        (say("接口文档", "API"), known["docs"]),
        (say("实时事件", "live events"), f"{record.gateway_url}/events   ./linli watch --region 3505"),
        (say(f"信箱（{mails} 封）", f"mailbox ({mails} mails)"), f"{props.mailbox_url}/"),
        (
            say(f"邻里中心系统（{received} 条）", f"centre's system ({received} events)"),
            f"{props.receiver_url}/received",
        ),
        (say("邮件文件", "mails as files"), str(props.mails)),
    ]
    screen.table(say("可以看的地方", "Where to look"), [say("什么", "what"), say("地址", "address")], rows)
