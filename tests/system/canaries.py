"""Values of people that nobody else has, every request that can carry one, and every place where one may turn up."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import asyncpg

from contracts.catalogue import REQUESTS
from contracts.data import ID_WEIGHTS, DataClass, holds_id_number
from contracts.generation.files import HOME
from contracts.message import Request, data_classes

HANZI: Final = "鹮鹂鹨鹬鹛鹡鹞鹟鹠鹥鹎鹍鹌鹋鹊"
NEVER_A_PERSONS: Final = frozenset({DataClass.PUBLIC, DataClass.INTERNAL})


@dataclass(frozen=True, slots=True)
class Canaries:
    """One value of each kind."""

    name: str
    phone: str
    id_number: str
    address: str
    email: str
    birth_date: str
    login: str
    password: str
    words: str
    """What is told about somebody: of a child's health, or why a record is opened."""

    @classmethod
    def drawn(cls, dice: random.Random) -> "Canaries":
        digits = "".join(dice.choices("0123456789", k=8))
        word = "".join(dice.choices("abcdefghijkmnpqrstuvwxyz", k=10))
        birth_date = f"19{dice.randint(10, 29)}-{dice.randint(10, 12)}-{dice.randint(10, 28)}"
        seventeen = f"350503{birth_date.replace('-', '')}{dice.randint(100, 999)}"
        total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, seventeen, strict=True))
        id_number = seventeen + "10X98765432"[total % 11]
        assert holds_id_number(id_number)
        return cls(
            name="".join(dice.choices(HANZI, k=5)),
            phone=f"139{digits}",
            id_number=id_number,
            address=f"{''.join(dice.choices(HANZI, k=4))}路{digits[:5]}号",
            email=f"canary-{word}@example.org",
            birth_date=birth_date,
            login=f"canary.{word[::-1]}",
            password=f"{word} {digits} hatches",
            words=f"{''.join(dice.choices(HANZI, k=6))}过敏",
        )

    @property
    def values(self) -> tuple[str, ...]:
        return (
            self.name, self.phone, self.id_number, self.address, self.email, self.birth_date, self.login, self.password,
            self.words,
        )  # fmt: skip


@dataclass(slots=True)
class Search:
    """Looks for canaries in bytes. `found` names the place and the kind of each; `read` counts the bytes looked at."""

    canaries: Canaries
    found: list[str] = field(default_factory=list)
    read: int = 0
    _spellings: list[tuple[str, bytes]] = field(init=False)

    def __post_init__(self) -> None:
        kinds = zip(self.canaries.__dataclass_fields__, self.canaries.values, strict=True)
        self._spellings = [(kind, spelling) for kind, value in kinds for spelling in spellings(value)]

    def look(self, place: str, content: bytes) -> None:
        self.read += len(content)
        self.found += sorted({f"{place}: {kind}" for kind, spelling in self._spellings if spelling in content})

    def look_into_files(self, directory: Path, without: Path) -> None:
        """Every file of an installation but those under the folder `without`."""
        for file in sorted(directory.rglob("*")):
            place = file.relative_to(directory)
            if file.is_file() and not file.is_relative_to(without):
                self.look(str(place), file.read_bytes())

    async def look_into_databases(self, dsn: str) -> None:
        """Every row of every table of every database of the server."""
        for name in await _column(dsn, DATABASES):
            there = f"{dsn.rpartition('/')[0]}/{name}"
            for table in await _column(there, TABLES):
                rows = await _column(there, f"SELECT t::text FROM {table} AS t")
                self.look(f"{name} {table}", "\n".join(rows).encode())


async def _column(dsn: str, sql: str) -> list[str]:
    database = await asyncpg.connect(dsn, timeout=10)
    try:
        return [row[0] for row in await database.fetch(sql)]
    finally:
        await database.close()


DATABASES: Final = "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"
TABLES: Final = """
SELECT oid::regclass::text AS name FROM pg_class
WHERE relkind IN ('r', 'm') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1
"""


def spellings(text: str) -> set[bytes]:
    """As it is, escaped as in JSON and in addresses, in hexadecimal digits, and as Chinese Windows has it."""
    plain = text.encode()
    escaped = json.dumps(text)[1:-1].encode()
    return {
        plain,
        escaped,
        quote(text).encode(),
        quote(text, safe="").encode(),
        plain.hex().encode(),
        text.encode("gb18030"),
    }


def tampered(canaries: Canaries, thorough: bool = True) -> Iterator[tuple[type[Request[Any]], dict[str, Any]]]:
    """Every request of the contracts, each field in turn with an ID number and one other canary, and unknown fields.
    Unless `thorough`, a field gets one of the two, by turns.

    Left out is what the contract takes for public text or a code: there no machine tells a person's name from another.
    """
    others = cycle(value for value in canaries.values if value != canaries.id_number)
    id_numbers = cycle((True, False))
    for kind in REQUESTS:
        sample = json.loads((HOME / "samples" / f"{kind.contract.type}.json").read_text("utf-8"))
        classes = dict(data_classes(kind))
        for path in leaves(sample):
            with_id_number = next(id_numbers)
            if thorough or with_id_number:
                yield kind, replaced(sample, path, canaries.id_number)
            if with_id_number and not thorough:
                continue
            body = replaced(sample, path, next(others))
            where = ".".join(step for step in path if isinstance(step, str))
            if not (classes.get(where) in NEVER_A_PERSONS and accepts(kind, body)):
                yield kind, body
        yield kind, {**sample, canaries.phone: canaries.name, canaries.name: [canaries.address]}


def accepts(kind: type[Request[Any]], body: dict[str, Any]) -> bool:
    """Whether the contract takes it."""
    try:
        kind.model_validate_json(json.dumps(body))
    except ValueError:
        return False
    return True


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value that holds no other."""
    if isinstance(value, dict | list) and value:
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value[:1]):
            yield from leaves(inner, (*path, step))
    elif path:
        yield path


def replaced(value: Any, path: tuple[str | int, ...], by: Any) -> Any:
    """A copy with another value at the end of the path."""
    if not path:
        return by
    step, rest = path[0], path[1:]
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[step] = replaced(value[step], rest, by)
    return copy
