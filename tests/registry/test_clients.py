"""Keys of integrating systems: two good at once while they are changed over, none after revocation."""

from uuid import UUID, uuid4

import pytest

from contracts.refusals import Refusal
from contracts.registry.v1 import (
    AddClientSecret,
    ClientRegistered,
    ClientRevoked,
    ConfirmClient,
    RegisterClient,
    ResolveClient,
    RevokeClient,
    UnitState,
)
from tests.registry.conftest import FENGJIE
from tests.registry.test_accounts import code, done, hashed
from tests.under_test import ServiceUnderTest


@pytest.fixture
async def platform(registry: ServiceUnderTest, federation: UnitState) -> UUID:
    command = RegisterClient(client_id=uuid4(), unit_id=federation.unit_id, name="邻里中心平台")
    assert done(await registry.ask(command)).secrets == 0
    return command.client_id


async def good(registry: ServiceUnderTest, client: UUID, *secrets: str) -> list[bool]:
    """Which of the secrets open the door now."""
    answers = [
        await registry.query(ResolveClient(client_id=client, secret_hash=hashed(secret)), roles=["edge"])
        for secret in secrets
    ]
    return [not isinstance(answer, Refusal) for answer in answers]


def add(client: UUID, secret: str, **more: int) -> AddClientSecret:
    return AddClientSecret(client_id=client, secret_hash=hashed(secret), **more)


async def test_the_old_secret_is_good_while_the_system_is_changed_over(
    registry: ServiceUnderTest, platform: UUID
) -> None:
    done(await registry.ask(add(platform, "old")))
    assert done(await registry.ask(add(platform, "new", overlap_hours=24))).secrets == 2

    assert await good(registry, platform, "old", "new", "other") == [True, True, False]
    registry.clock.move(hours=24)
    assert await good(registry, platform, "old", "new") == [False, True]
    assert done(await registry.ask(add(platform, "newest", overlap_hours=0))).secrets == 1
    assert await good(registry, platform, "old", "new", "newest") == [False, False, True]


async def test_an_old_secret_is_never_given_more_time(registry: ServiceUnderTest, platform: UUID) -> None:
    done(await registry.ask(add(platform, "first")))
    done(await registry.ask(add(platform, "second", overlap_hours=1)))
    done(await registry.ask(add(platform, "third", overlap_hours=720)))

    registry.clock.move(hours=1)

    assert await good(registry, platform, "first", "second", "third") == [False, True, True]


async def test_a_revoked_client_is_out_for_good(registry: ServiceUnderTest, platform: UUID) -> None:
    done(await registry.ask(add(platform, "old")))

    done(await registry.ask(RevokeClient(client_id=platform)))
    done(await registry.ask(RevokeClient(client_id=platform)))
    assert code(await registry.ask(add(platform, "a secret that would open nothing"))) == "client-revoked"

    assert await good(registry, platform, "old") == [False]
    assert len(await registry.said(ClientRegistered)) == len(await registry.said(ClientRevoked)) == 1


async def confirmed(registry: ServiceUnderTest, client: UUID, *secrets: str) -> list[bool]:
    """Which of the secrets still carry the tokens that they got, as gateway and doorkeeper are told alike."""
    answers = [
        await registry.query(
            ConfirmClient(client_id=client, key_name=hashed(secret)[:16]), roles=[role], actor=f"service:{who}"
        )
        for secret in secrets
        for role, who in (("edge", "gateway"), ("door", "doorkeeper"))
    ]
    assert {code(answer) for answer in answers if isinstance(answer, Refusal)} <= {"client-key-ended"}
    return [not isinstance(answer, Refusal) for answer in answers[::2]]


async def test_a_token_is_confirmed_as_long_as_its_own_key_and_its_system_are_good(
    registry: ServiceUnderTest, platform: UUID
) -> None:
    done(await registry.ask(add(platform, "old")))
    done(await registry.ask(add(platform, "new", overlap_hours=1)))
    assert await confirmed(registry, platform, "old", "new", "other") == [True, True, False]

    registry.clock.move(hours=1)
    assert await confirmed(registry, platform, "old", "new") == [False, True]
    done(await registry.ask(RevokeClient(client_id=platform)))
    assert await confirmed(registry, platform, "old", "new") == [False, False]
    asked = await registry.query(ConfirmClient(client_id=platform, key_name=hashed("new")[:16]), roles=["operator"])
    assert code(asked) == "not-permitted"


async def test_clients_are_managed_in_the_own_subtree_by_operators_alone(
    registry: ServiceUnderTest, federation: UnitState, platform: UUID
) -> None:
    other = RegisterClient(client_id=uuid4(), unit_id=federation.unit_id, name="别的平台")

    for command, unseen in (
        (other, "not-permitted"),
        (add(platform, "x"), "unknown-client"),
        (RevokeClient(client_id=platform), "unknown-client"),
    ):
        assert code(await registry.ask(command, roles=["editor", "approver"])) == "not-permitted"
        assert code(await registry.ask(command, roles=["operator"], region="110000000000")) == unseen
    assert code(await registry.ask(other.model_copy(update={"client_id": platform}), region=FENGJIE)) == "client-exists"
    assert code(await registry.ask(add(uuid4(), "x"))) == "unknown-client"
