"""Accounts and logins: who gets in, who is kept out and for how long, and what is kept of a secret."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from contracts.message import Done, Part
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    AccountClosed,
    AccountState,
    ActAt,
    Appoint,
    ChangePassword,
    CloseAccount,
    CreateAccount,
    EndAppointment,
    Function,
    LinkIdentity,
    LogIn,
    LogOut,
    Me,
    PostKind,
    RegisterPerson,
    ResetPassword,
    ResolveLogin,
    SetRecoveryCodes,
    UnitState,
    UnlockAccount,
    WhoAmI,
)
from services.registry.accounts import rules
from tests.registry.conftest import FENGJIE, registered
from tests.under_test import ServiceUnderTest

RIGHT, WRONG = "violet river lantern", "violet river lamp"
P = TypeVar("P", bound=Part)


def done(answer: P | Refusal) -> P:
    assert not isinstance(answer, Refusal), answer
    return answer


def code(answer: Any) -> str:
    return answer.code if isinstance(answer, Refusal) else "done"


def hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def log_in(password: str = RIGHT, login: str = "wang.fang", token: str = "", **more: Any) -> LogIn:
    return LogIn(login=login, password=password, token_hash=hashed(token or str(uuid4())), **more)


@pytest.fixture
async def wang(registry: ServiceUnderTest, federation: UnitState) -> RegisterPerson:
    """王芳, chair of the federation since spring, with an account."""
    person = await registered(registry)
    await appointed(registry, federation, person)
    done(await registry.ask(account_of(person)))
    return person


def account_of(person: RegisterPerson, login: str = "wang.fang", password: str = RIGHT) -> CreateAccount:
    return CreateAccount(account_id=uuid4(), person_id=person.person_id, login=login, password=password)


async def appointed(
    registry: ServiceUnderTest, unit: UnitState, person: RegisterPerson, post: PostKind = PostKind.CHAIR
) -> UUID:
    command = Appoint(
        appointment_id=uuid4(), unit_id=unit.unit_id, person_id=person.person_id, post=post, since=date(2026, 3, 1)
    )
    done(await registry.ask(command))
    return command.appointment_id


async def test_the_right_password_begins_a_login_at_the_office(
    registry: ServiceUnderTest, federation: UnitState, wang: RegisterPerson
) -> None:
    login = done(await registry.ask(log_in(token="t"), roles=["anonymous"]))

    assert (login.person_id, login.office.unit_id, login.office.region) == (wang.person_id, federation.unit_id, FENGJIE)
    assert set(login.office.functions) == {Function.READER, Function.EDITOR, Function.APPROVER}
    assert login.expires_at == registry.clock.now() + rules.LOGIN_HOURS
    assert await registry.query(ResolveLogin(token_hash=hashed("t")), roles=["edge"]) == login


async def test_a_token_is_resolved_for_the_gateway_alone(registry: ServiceUnderTest, wang: RegisterPerson) -> None:
    done(await registry.ask(log_in(token="t")))

    answer = await registry.query(ResolveLogin(token_hash=hashed("t")), roles=["reader", "editor", "operator"])

    assert code(answer) == "not-permitted"


async def test_a_login_ends_by_log_out_by_time_and_with_the_account(
    registry: ServiceUnderTest, wang: RegisterPerson
) -> None:
    for token in ("a", "b", "c"):
        done(await registry.ask(log_in(token=token)))

    async def state(token: str) -> str:
        return code(await registry.query(ResolveLogin(token_hash=hashed(token)), roles=["edge"]))

    done(await registry.ask(LogOut(token_hash=hashed("a"))))
    assert [await state(token) for token in "abc"] == ["login-ended", "done", "done"]
    registry.clock.move(hours=12)
    assert await state("b") == "login-ended"
    done(await registry.ask(log_in(token="d")))
    account = done(await registry.query(WhoAmI(), actor=str(wang.person_id)))
    closed = done(await registry.ask(CloseAccount(account_id=account.account_id)))
    assert closed.closed
    assert await state("d") == "login-ended"
    assert code(await registry.ask(log_in())) == "wrong-credentials"
    assert len(await registry.said(AccountClosed)) == 1


async def test_whoever_leaves_her_last_office_is_out_and_cannot_come_back(
    registry: ServiceUnderTest, federation: UnitState
) -> None:
    person = await registered(registry)
    appointment = await appointed(registry, federation, person)
    done(await registry.ask(account_of(person)))
    done(await registry.ask(log_in(token="t")))

    done(await registry.ask(EndAppointment(appointment_id=appointment, until=date(2026, 6, 2))))

    assert code(await registry.query(ResolveLogin(token_hash=hashed("t")), roles=["edge"])) == "login-ended"
    assert code(await registry.ask(log_in())) == "no-office"


async def test_the_fifth_wrong_password_locks_and_the_delay_doubles(
    registry: ServiceUnderTest, wang: RegisterPerson
) -> None:
    answers = [await registry.ask(log_in(WRONG)) for _ in range(5)]
    assert {code(answer) for answer in answers} == {"wrong-credentials"}

    assert await registry.ask(log_in()) == Refusal("account-locked", seconds=31)
    registry.clock.move(seconds=30)
    assert code(await registry.ask(log_in(WRONG))) == "wrong-credentials"
    assert await registry.ask(log_in()) == Refusal("account-locked", seconds=61)
    registry.clock.move(seconds=60)
    assert code(await registry.ask(log_in())) == "done"
    assert code(await registry.ask(log_in(WRONG))) == "wrong-credentials"
    assert code(await registry.ask(log_in())) == "done"


async def test_twenty_rivals_with_wrong_passwords_get_five_tries(
    registry: ServiceUnderTest, wang: RegisterPerson
) -> None:
    answers = await registry.ask_at_once(log_in(WRONG) for _ in range(20))

    assert Counter(map(code, answers)) == {"wrong-credentials": 5, "account-locked": 15}


async def test_attempts_of_one_batch_count_one_after_the_other(
    registry: ServiceUnderTest, wang: RegisterPerson
) -> None:
    answers = await registry.ask_together([log_in(WRONG) for _ in range(7)])

    assert list(map(code, answers)) == ["wrong-credentials"] * 5 + ["account-locked"] * 2


async def test_an_administrator_of_the_region_unlocks(registry: ServiceUnderTest, wang: RegisterPerson) -> None:
    for _ in range(5):
        await registry.ask(log_in(WRONG))
    account = done(await registry.query(WhoAmI(), actor=str(wang.person_id)))
    unlock = UnlockAccount(account_id=account.account_id)

    assert code(await registry.ask(unlock, roles=["operator"], region="350500000000")) == "unknown-account"
    done(await registry.ask(unlock, roles=["operator"], region=FENGJIE))

    assert code(await registry.ask(log_in())) == "done"


async def test_an_unknown_login_is_refused_like_a_wrong_password(
    registry: ServiceUnderTest, wang: RegisterPerson
) -> None:
    assert await registry.ask(log_in(login="nobody")) == await registry.ask(log_in(WRONG))


async def test_a_new_password_ends_every_login_and_the_old_one_is_good_no_more(
    registry: ServiceUnderTest, wang: RegisterPerson
) -> None:
    done(await registry.ask(log_in(token="t")))
    me = {"actor": str(wang.person_id), "roles": ["reader"]}

    assert code(await registry.ask(ChangePassword(old_password=WRONG, password="seven quiet bridges"), **me)) == (
        "wrong-credentials"
    )
    weak = await registry.ask(ChangePassword(old_password=RIGHT, password="short"), **me)
    assert code(weak) == "password-too-weak"
    assert await registry.ask(ChangePassword(old_password=RIGHT, password="seven quiet bridges"), **me) == Done()

    assert code(await registry.query(ResolveLogin(token_hash=hashed("t")), roles=["edge"])) == "login-ended"
    assert code(await registry.ask(log_in())) == "wrong-credentials"
    assert code(await registry.ask(log_in("seven quiet bridges"))) == "done"


async def test_a_recovery_code_is_good_once(registry: ServiceUnderTest, wang: RegisterPerson) -> None:
    codes = SetRecoveryCodes(code_hashes=tuple(hashed(f"code {number}") for number in range(8)))
    done(await registry.ask(codes, actor=str(wang.person_id), roles=["reader"]))

    def reset(number: int, password: str = "seven quiet bridges") -> ResetPassword:
        return ResetPassword(login="wang.fang", code_hash=hashed(f"code {number}"), password=password)

    assert code(await registry.ask(reset(3, "short"))) == "password-too-weak"
    answers = await registry.ask_at_once(reset(3) for _ in range(4))

    assert Counter(map(code, answers)) == {"done": 1, "wrong-credentials": 3}
    assert code(await registry.ask(log_in("seven quiet bridges"))) == "done"
    assert code(await registry.ask(reset(9))) == "wrong-credentials"


async def test_rivals_for_one_login_get_one_account(registry: ServiceUnderTest, federation: UnitState) -> None:
    people = [await registered(registry) for _ in range(6)]

    answers = await registry.ask_at_once(account_of(person) for person in people)

    assert Counter(map(code, answers)) == {"done": 1, "login-taken": 5}
    [holder] = [answer for answer in answers if isinstance(answer, AccountState)]
    assert code(await registry.ask(account_of(await registered(registry), login="wang.fang"))) == "login-taken"
    again = next(person for person in people if person.person_id == holder.person_id)
    assert code(await registry.ask(account_of(again, login="other"))) == "account-exists"


async def test_she_acts_at_the_office_she_chooses_and_at_no_other(
    registry: ServiceUnderTest, federation: UnitState, wang: RegisterPerson
) -> None:
    done(await registry.ask(log_in(token="t")))

    assert code(await registry.ask(ActAt(token_hash=hashed("t"), unit_id=uuid4()))) == "no-office"
    assert code(await registry.ask(log_in(unit_id=uuid4()))) == "no-office"
    at = done(await registry.ask(ActAt(token_hash=hashed("t"), unit_id=federation.unit_id)))
    assert at.office.unit_id == federation.unit_id


async def test_who_i_am_is_told_to_nobody_else(registry: ServiceUnderTest, wang: RegisterPerson) -> None:
    me = done(await registry.query(WhoAmI(), actor=str(wang.person_id), roles=["reader"]))

    assert isinstance(me, Me)
    assert (me.person_id, me.login, len(me.offices)) == (wang.person_id, "wang.fang", 1)
    assert code(await registry.query(WhoAmI(), actor="client:x", roles=["reader"])) == "unknown-account"


async def test_no_password_is_kept_anywhere_and_no_hash_of_it_that_can_be_guessed_fast(
    registry: ServiceUnderTest, federation: UnitState
) -> None:
    canary = "canary password 74d1"
    person = await registered(registry)
    await appointed(registry, federation, person)
    done(await registry.ask(account_of(person, password=canary)))
    await asyncio.gather(*(registry.ask(log_in(password)) for password in (canary, f"{canary} wrong")))
    me = {"actor": str(person.person_id), "roles": ["reader"]}
    done(await registry.ask(ChangePassword(old_password=canary, password=f"{canary} new"), **me))

    tables = await registry.admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in tables:
        rows = await registry.admin.fetch(f"SELECT t::text AS row FROM {table['tablename']} AS t")
        assert not [row for row in rows if canary in row["row"] or canary.encode().hex() in row["row"]], table
    [stored] = await registry.admin.fetch("SELECT password_hash FROM account")
    assert stored["password_hash"].startswith("$argon2id$")


async def test_of_two_who_change_a_password_at_once_the_second_is_too_late(
    registry: ServiceUnderTest, wang: RegisterPerson
) -> None:
    """Fault: in one batch the old password was good for both, and the second one's counted."""
    rivals = [ChangePassword(old_password=RIGHT, password=f"{which} of two lanterns") for which in ("first", "second")]

    answers = await registry.ask_together(rivals, actor=str(wang.person_id))

    assert [code(answer) for answer in answers] == ["done", "wrong-credentials"]


async def test_a_way_in_is_given_only_by_whoever_acts_wherever_it_leads(
    registry: ServiceUnderTest, federation: UnitState
) -> None:
    """Fault: an operator of the village where the county's chair lives made a way in for the chair, and had it."""
    village = "500236131209"
    chair, neighbour = await registered(registry, region=village), await registered(registry, region=village)
    await appointed(registry, federation, chair)
    there: dict[str, Any] = {"roles": ["operator"], "region": village}

    refusal = await registry.ask(account_of(chair), **there)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.params["region"]) == ("not-permitted", FENGJIE)
    account = done(await registry.ask(account_of(chair), roles=["operator"], region=FENGJIE))
    link = LinkIdentity(account_id=account.account_id, issuer="https://login.example.org", subject="somebody-else")
    assert code(await registry.ask(link, **there)) == "not-permitted"
    assert code(await registry.ask(link, roles=["operator"], region=FENGJIE)) == "done"
    assert code(await registry.ask(account_of(neighbour, login="zhang.li"), **there)) == "done"
    assert code(await registry.ask(CloseAccount(account_id=account.account_id), **there)) == "done"


@pytest.mark.parametrize(
    "password", ["short", "1234567890", "PASSWORD123", "wang.fang 2026", "aaaaaaaaaaaa", "abababababab"]
)
def test_a_weak_password_is_not_taken(password: str) -> None:
    assert rules.is_strong(password, "wang.fang") == Refusal("password-too-weak")


def test_a_long_plain_password_is_taken() -> None:
    assert rules.is_strong("四个互不相干的词语啊", "wang.fang") is None
    assert rules.is_strong(RIGHT, "wang.fang") is None


def test_delays_grow_to_an_hour() -> None:
    now = datetime(2026, 6, 3, tzinfo=UTC)
    until = [rules.locked_until(failures, now) for failures in (0, 4, 5, 6, 11, 12, 500)]

    delays = [moment - now if moment else None for moment in until]
    assert delays == [None, None, *(timedelta(seconds=seconds) for seconds in (30, 60, 1920, 3600, 3600))]
