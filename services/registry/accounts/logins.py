"""What registry does when somebody logs in or out, or sets a password; a wrong attempt is refused, and yet counted.

An account is found by its secret or its holder's own token, wherever she is registered: hence `tx.everywhere()`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from contracts.audit import AuditAction
from contracts.message import Done
from contracts.refusals import Refusal
from contracts.region import NOWHERE
from contracts.registry.v1 import (
    ActAt,
    ChangePassword,
    LogIn,
    Login,
    LogInExternally,
    LogOut,
    Office,
    ResetPassword,
    ResolveLogin,
)
from services.chassis import Asked, Transaction
from services.chassis.transaction import Cause
from services.registry import registry
from services.registry.accounts import rules, store
from services.registry.accounts.names import hash_of, identity_of, login_of
from services.registry.accounts.passwords import fits, hash_password
from services.registry.accounts.rules import Account
from services.registry.appointments.offices import offices_of
from services.registry.people.store import share_home

AT_MOST = 16
"""Attempts of one transaction: each hashes for about 20 ms while the accounts are locked."""


@dataclass(slots=True)
class Attempts:
    """The locked accounts of one batch by the hashes of their logins; what becomes of one counts for those after it."""

    tx: Transaction
    accounts: dict[bytes, Account]

    async def with_password(self, login: bytes, password: str, cause: Cause) -> Account | Refusal:
        """The account whose password it is. Refusals: wrong-credentials, account-locked."""
        account = self.accounts.get(login)
        refusal = rules.may_try(account, self.tx.now)
        if refusal:
            self.tx.count(AuditAction.LOGIN_FAILED, refusal.code, cause)
        if refusal and refusal.code == "account-locked":
            return refusal
        right = await fits(account.password_hash if account and not refusal else None, password)
        return refusal or await self._count(login, right, cause)

    async def with_code(self, login: bytes, code_hash: str, cause: Cause) -> Account | Refusal:
        """The account whose recovery code it is; the code is used up. Refusals as above."""
        account = self.accounts.get(login)
        refusal = rules.may_try(account, self.tx.now)
        if refusal or account is None:
            refusal = refusal or Refusal("wrong-credentials")
            self.tx.count(AuditAction.LOGIN_FAILED, refusal.code, cause)
            return refusal
        return await self._count(login, await store.use_code(self.tx, account.account_id, code_hash), cause)

    async def _count(self, login: bytes, right: bool, cause: Cause) -> Account | Refusal:
        account = self.accounts[login]
        failures = 0 if right else account.failures + 1
        if failures != account.failures:
            until = rules.locked_until(failures, self.tx.now)
            await store.set_failures(self.tx, account.account_id, failures, until)
            self.accounts[login] = replace(account, failures=failures, locked_until=until)
            if not right:
                action = AuditAction.ACCOUNT_LOCKED if until else AuditAction.LOGIN_FAILED
                await log_account(self.tx, action, account, cause)
        return account if right else Refusal("wrong-credentials")

    async def set_password(
        self, asked: Asked[ChangePassword] | Asked[ResetPassword], login: str, account: Account
    ) -> Done | Refusal:
        """From now on the former password is wrong. Refusal: password-too-weak."""
        weak = rules.is_strong(asked.data.password, login)
        if weak:
            return weak
        password_hash = await hash_password(asked.data.password)
        await store.set_password(self.tx, account.account_id, password_hash)
        self.accounts[hash_of(login)] = replace(account, password_hash=password_hash, failures=0, locked_until=None)
        await log_account(self.tx, AuditAction.PASSWORD_CHANGED, account, asked.cause)
        return Done()


@registry.decides_many(LogIn, batch=AT_MOST)
async def log_in(asked: Sequence[Asked[LogIn]], tx: Transaction) -> None:
    async with tx.everywhere():
        attempts = Attempts(tx, await store.lock_logins(tx, {hash_of(each.data.login) for each in asked}))
        for each in asked:
            account = await attempts.with_password(hash_of(each.data.login), each.data.password, each.cause)
            each.answer(account if isinstance(account, Refusal) else await _begin(each.data, account, tx))


@registry.decides(LogInExternally)
async def log_in_externally(command: LogInExternally, tx: Transaction) -> Login | Refusal:
    identity = identity_of(command.issuer, command.subject)
    account_id = await store.find_identity(tx, command.issuer, identity)
    account = await store.lock_account(tx, account_id) if account_id else None
    if account is None or account.closed_at is not None:
        tx.count(AuditAction.LOGIN_FAILED, "unknown-identity")
        return Refusal("wrong-credentials")
    return await _begin(command, account, tx)


async def _begin(command: LogIn | LogInExternally, account: Account, tx: Transaction) -> Login | Refusal:
    offices = await offices_of(tx, account.person_id)
    office = _at(offices, command.unit_id)
    if office is None:
        return Refusal("no-office")
    expires_at = tx.now + rules.LOGIN_HOURS
    await store.add_login(tx, command.token_hash, account.account_id, office.unit_id, expires_at)
    return Login(
        account_id=account.account_id,
        person_id=account.person_id,
        office=office,
        offices=offices,
        expires_at=expires_at,
    )


def _at(offices: Sequence[Office], unit_id: UUID | None) -> Office | None:
    """The office at a unit; the first one where no unit is named."""
    return next((office for office in offices if unit_id in (None, office.unit_id)), None)


@registry.answers(ResolveLogin)
async def resolve_login(query: ResolveLogin, tx: Transaction) -> Login | Refusal:
    return await _resolve(query.token_hash, tx)


async def _resolve(token_hash: str, tx: Transaction) -> Login | Refusal:
    """A login that is good now. Asked anew each time: whoever lost the office she acts at is out."""
    found = await store.find_login(tx, token_hash)
    if found is None:
        return Refusal("login-ended")
    account_id, person_id, unit_id, expires_at = found
    offices = await offices_of(tx, person_id)
    office = _at(offices, unit_id)
    if office is None:
        return Refusal("login-ended")
    return Login(account_id=account_id, person_id=person_id, office=office, offices=offices, expires_at=expires_at)


@registry.decides(ActAt)
async def act_at(command: ActAt, tx: Transaction) -> Login | Refusal:
    async with tx.everywhere():
        login = await _resolve(command.token_hash, tx)
        if isinstance(login, Refusal):
            return login
        office = _at(login.offices, command.unit_id)
        if office is None:
            return Refusal("no-office")
        await store.act_at(tx, command.token_hash, office.unit_id)
    return login.model_copy(update={"office": office})


@registry.decides(LogOut)
async def log_out(command: LogOut, tx: Transaction) -> Done:
    async with tx.everywhere():
        await store.end_login(tx, command.token_hash)
    return Done()


@registry.decides_many(ChangePassword, batch=AT_MOST)
async def change_password(asked: Sequence[Asked[ChangePassword]], tx: Transaction) -> None:
    async with tx.everywhere():
        own = {each.id: await store.find_account_of(tx, each.actor.id) for each in asked}
        logins = {account.login_hash for account in own.values() if account and account.login_hash}
        attempts = Attempts(tx, await store.lock_logins(tx, logins))
        for each in asked:
            found = own[each.id]
            login = await login_of(found) if found else None
            if found is None or found.login_hash is None or login is None:
                each.answer(Refusal("unknown-account"))
                continue
            account = await attempts.with_password(found.login_hash, each.data.old_password, each.cause)
            each.answer(account if isinstance(account, Refusal) else await attempts.set_password(each, login, account))


@registry.decides_many(ResetPassword, batch=AT_MOST)
async def reset_password(asked: Sequence[Asked[ResetPassword]], tx: Transaction) -> None:
    async with tx.everywhere():
        attempts = Attempts(tx, await store.lock_logins(tx, {hash_of(each.data.login) for each in asked}))
        for each in asked:
            weak = rules.is_strong(each.data.password, each.data.login)  # before the code is used up
            login = each.data.login
            account = weak or await attempts.with_code(hash_of(login), each.data.code_hash, each.cause)
            each.answer(account if isinstance(account, Refusal) else await attempts.set_password(each, login, account))


async def log_account(tx: Transaction, action: AuditAction, account: Account, cause: Cause) -> None:
    """A row about an account, in the region where its holder is registered."""
    region = await share_home(tx, account.person_id) or NOWHERE
    await tx.audit(action, about=account.person_id, thing=account.account_id, region=region, cause=cause)
