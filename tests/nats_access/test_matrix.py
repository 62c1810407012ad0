"""Every cell of deploy/nats/access.md on a running server: who may publish and subscribe what (promise 10)."""

from functools import cache

import pytest

from deploy.local.nats import EmbeddedNats
from deploy.nats import access, rights
from services.chassis.bus import REFUSED
from tests.nats_access.conftest import Tokens, connect_as

CREDENTIALS = [*rights.kept(), access.PARTNER]


@cache
def rows() -> list[tuple[tuple[str, str, str], dict[str, bool]]]:
    """The cells, each with the credentials that may."""
    return list(access.cells())


async def refused_to(server: EmbeddedNats, name: str, token: Tokens) -> set[tuple[str, str, str]]:
    """The rows that the server refuses to a credential, each tried once."""
    refused: set[tuple[str, str]] = set()

    async def note(trouble: Exception) -> None:
        found = REFUSED.search(str(trouble))
        assert found, trouble
        refused.add((found[1], found[2] + str(trouble)[found.end() :].strip("'")))

    connection = await connect_as(server, name, token, error_cb=note)
    for (verb, subject, queue), _ in rows():
        if verb == "publish":
            await connection.publish(subject, b"")
        else:
            await connection.subscribe(subject, queue=queue)
    for _ in range(2):
        await connection.flush()
    await connection.close()
    return {row for row, _ in rows() if as_refused(*row) in refused}


def as_refused(verb: str, subject: str, queue: str) -> tuple[str, str]:
    """A row as nats-py tells of its refusal: all in small letters."""
    if verb == "publish":
        return "publish", subject.lower()
    return "subscription", subject.lower() + (f' using queue "{queue}"' if queue else "")


@pytest.mark.parametrize("name", CREDENTIALS)
async def test_a_credential_may_do_what_its_column_says_and_nothing_else(
    server: EmbeddedNats, token: Tokens, name: str
) -> None:
    expected = {row for row, may in rows() if not may[name]}

    refused = await refused_to(server, name, token)

    assert {"too much": sorted(expected - refused), "too little": sorted(refused - expected)} == {
        "too much": [],
        "too little": [],
    }


def test_the_files_are_those_of_todays_contracts_and_handlers() -> None:
    assert rights.FILE.read_text("utf-8") == rights.to_json(access.rights_by_credential())
    assert access.MATRIX.read_text("utf-8") == access.to_markdown()


def test_a_pattern_covers_what_it_says() -> None:
    assert rights.covers("evt.*.>", "evt.registry.a.b")
    assert rights.covers("evt.>", "evt.*.x")
    assert not rights.covers("evt.>", "evt")
    assert not rights.covers("evt.*", "evt.>")
    assert not rights.covers("evt.a", "evt.*")
    assert not rights.covers("evt.a.b", "evt.a")
