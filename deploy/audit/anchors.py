"""The anchors of the audit logs: read from the stream, and from files that somebody put away."""

import asyncio
from base64 import b64decode
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from nats.aio.client import Client as Nats

from deploy.local.trouble import Trouble
from deploy.local.words import say
from services.chassis.audit import Anchor, read_anchor
from services.chassis.stream import ANCHOR_STREAM, NotAnswered, get_message
from services.chassis.tokens import PublicKeys

AT_ONCE: Final = 100


async def read_stream(nats: Nats, tell: Callable[[int], None] = lambda _: None) -> list[str]:
    """The text of every anchor, oldest first; `tell` hears how many are read. Trouble when there is no stream."""
    texts: list[str] = []
    try:
        last = (await get_message(nats, ANCHOR_STREAM, last_by_subj="anchor.*")).get("seq", 0)
        for start in range(1, last + 1, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, last + 1))
            found = await asyncio.gather(*(get_message(nats, ANCHOR_STREAM, seq=number) for number in numbers))
            texts += [b64decode(message["data"]).decode("ascii", "replace") for message in found if message]
            tell(len(texts))
    except NotAnswered as error:
        raise Trouble(
            say(
                f"没有锚点的消息流({error})。请运行 ./linli migrate。",
                f"There is no stream of anchors ({error}). Run ./linli migrate.",
            )
        ) from error
    return texts


def read_file(file: Path) -> list[str]:
    """The anchors of a file that `./linli audit anchors` wrote, one a line."""
    return [line.strip() for line in file.read_text("ascii", "replace").splitlines() if line.strip()]


def of_service(service: str, texts: Iterable[str], keys: PublicKeys) -> list[Anchor]:
    """The anchors of one service, each once, by when they were made. What is no anchor is left out."""
    found: dict[str, Anchor] = {}
    for text in texts:
        try:
            anchor = read_anchor(text, keys)
        except ValueError:
            continue
        if anchor.service == service:
            found[text] = anchor
    return sorted(found.values(), key=lambda it: it.at)
