"""Every file that is made from the contracts: writes them, and finds those that are stale."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import to_json

from .. import envelope
from ..catalogue import MESSAGES, REQUESTS, by_type
from ..envelope import TOLERANT
from ..message import Event, Message
from . import asyncapi, openapi, typescript
from .inventory import inventory, put_map
from .samples import event_sample, reply_sample, request_sample
from .schemas import envelope_schema, message_schema, reply_schema
from .topology import hearers

HOME: Final = Path(__file__).parents[1]
SCHEMAS, SAMPLES, DOCUMENTS, RELEASED = (HOME / name for name in ("schemas", "samples", "documents", "released"))
README: Final = HOME.parent / "README.md"
REPLY: Final = ".reply"


def as_text(document: Any) -> str:
    return to_json(document, indent=2).decode() + "\n"


def made() -> dict[Path, str]:
    """Every made file with its text, but for the samples, which are kept."""
    heard = hearers()
    files = {SCHEMAS / f"{name}.json": as_text(schema) for name, schema in schemas().items()}
    files[SCHEMAS / "envelope.json"] = as_text(envelope_schema())
    for service, document in asyncapi.documents(heard).items():
        files[DOCUMENTS / "asyncapi" / f"{service}.json"] = as_text(document)
    files[DOCUMENTS / "asyncapi.json"] = as_text(asyncapi.merged_document(heard))
    files[DOCUMENTS / "openapi.json"] = as_text(openapi.document())
    files[DOCUMENTS / "inventory.json"] = as_text(inventory())
    files[DOCUMENTS / "linli.d.ts"] = typescript.types()
    if README.exists():
        files[README] = put_map(README.read_text("utf-8"), heard)
    return files


def schemas() -> dict[str, Any]:
    """The schema of every message by its type, and of every reply by type and `.reply`."""
    found = {kind.contract.type: message_schema(kind) for kind in MESSAGES}
    return found | {f"{kind.contract.type}{REPLY}": reply_schema(kind) for kind in REQUESTS}


def samples() -> Iterator[tuple[str, Any]]:
    """A fresh sample of every message and reply, by the name of its file."""
    for kind in MESSAGES:
        yield kind.contract.type, event_sample(kind) if issubclass(kind, Event) else request_sample(kind)
    for kind in REQUESTS:
        yield f"{kind.contract.type}{REPLY}", reply_sample(kind)


def write() -> list[Path]:
    """Writes what is stale or missing and removes what belongs to no message; samples that are there are kept."""
    expected = made()
    changed = [path for path, text in expected.items() if _put(path, text)]
    for name, sample in samples():
        path = SAMPLES / f"{name}.json"
        if not path.exists() and _put(path, as_text(sample)):
            changed.append(path)
    for path in _left_over(expected):
        path.unlink()
        changed.append(path)
    return changed


def _put(path: Path, text: str) -> bool:
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return True


def _left_over(expected: Collection[Path]) -> list[Path]:
    """Made files of messages that are no more. A sample is somebody's work: it is named, not removed."""
    found = [*SCHEMAS.glob("*.json"), *DOCUMENTS.rglob("*.json"), *DOCUMENTS.rglob("*.ts")]
    return sorted(path for path in found if path not in expected)


def stale() -> Iterator[str]:
    """What a fresh `generate` would change, and samples that are missing, orphaned or no longer valid."""
    expected = made()
    for path, text in expected.items():
        if not path.exists() or path.read_text("utf-8") != text:
            yield f"{_short(path)} is stale: run ./linli contracts generate"
    for path in _left_over(expected):
        yield f"{_short(path)} belongs to no message: run ./linli contracts generate"
    names = {path.stem for path in expected if path.parent == SCHEMAS} - {"envelope"}
    for name in sorted(names - {path.stem for path in SAMPLES.glob("*.json")}):
        yield f"samples/{name}.json is missing: run ./linli contracts generate"
    for path in sorted(SAMPLES.glob("*.json")):
        if path.stem not in names:
            yield f"{_short(path)} belongs to no message: delete it"
        elif trouble := unreadable(path.stem, path.read_bytes()):
            yield f"{_short(path)} is no longer valid: {trouble}"


def unreadable(name: str, sample: bytes) -> str:
    """Why today's classes cannot read a sample; empty when they can."""
    kind = by_type(name.removesuffix(REPLY))
    if kind is None:
        return "no such message"
    try:
        _read(kind, name.endswith(REPLY), sample)
    except ValidationError as error:
        return "; ".join(f"{_place(each['loc'])}: {each['msg']}" for each in error.errors())
    return ""


def _place(steps: tuple[str | int, ...]) -> str:
    """The field's path; an event was read as the first of a list."""
    return ".".join(map(str, steps[1:] if steps[:1] == (0,) else steps)) or "it"


def _read(kind: type[Message], is_reply: bool, sample: bytes) -> None:
    if issubclass(kind, Event):
        envelope.read(kind, sample)
    elif is_reply and kind.contract.reply:
        kind.contract.reply.model_validate_json(sample, context=TOLERANT)
    else:
        kind.model_validate_json(sample)


def _short(path: Path) -> str:
    return str(path.relative_to(HOME.parent))
