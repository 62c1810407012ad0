"""What registry does when an account is made, closed or unlocked, or its holder asks for herself."""

from uuid import UUID

from contracts.audit import AuditAction
from contracts.message import Done
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    AccountClosed,
    AccountCreated,
    AccountState,
    CloseAccount,
    CreateAccount,
    LinkIdentity,
    Me,
    SetRecoveryCodes,
    UnlockAccount,
    WhoAmI,
)
from services.chassis import Transaction
from services.chassis.access import decide
from services.chassis.clock import day_of
from services.registry import registry
from services.registry.accounts import rules, store
from services.registry.accounts.names import hash_of, identity_of, login_of, seal_login
from services.registry.accounts.passwords import hash_password
from services.registry.accounts.rules import Account
from services.registry.appointments.offices import offices_of
from services.registry.appointments.store import list_held
from services.registry.people.store import share_home


@registry.decides(CreateAccount)
async def create_account(command: CreateAccount, tx: Transaction) -> AccountState | Refusal:
    region = await share_home(tx, command.person_id)
    if region is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    denied = decide(tx.actor, command.contract.permission, region) or await _denied_office(tx, command.person_id)
    refusal = denied or rules.is_strong(command.password, command.login)
    if refusal:
        return refusal
    login_hash = hash_of(command.login)
    async with tx.everywhere():  # a login is one of all regions
        clash = await store.find_clash(tx, command, login_hash)
    if clash:
        return Refusal(clash)

    sealed = await seal_login(command.account_id, command.person_id, command.login)
    await store.add_account(tx, command, login_hash, sealed, await hash_password(command.password))
    fact = AccountCreated(account_id=command.account_id, person_id=command.person_id)
    tx.say(fact, region=region, version=1)
    await tx.audit(AuditAction.ACCOUNT_CREATED, about=command.person_id, thing=command.account_id, region=region)
    return AccountState(account_id=command.account_id, person_id=command.person_id, closed=False)


@registry.decides(CloseAccount)
async def close_account(command: CloseAccount, tx: Transaction) -> AccountState | Refusal:
    found = await _lock_managed(tx, command.account_id)
    if isinstance(found, Refusal):
        return found
    account, region = found
    if account.closed_at is None:
        await store.close_account(tx, account.account_id)
        await store.end_logins(tx, account.account_id)
        fact = AccountClosed(account_id=account.account_id, person_id=account.person_id)
        tx.say(fact, region=region, version=account.version + 1)
        await _log(tx, AuditAction.ACCOUNT_CLOSED, account, region)
    return account.state.model_copy(update={"closed": True})


@registry.decides(UnlockAccount)
async def unlock_account(command: UnlockAccount, tx: Transaction) -> AccountState | Refusal:
    found = await _lock_managed(tx, command.account_id)
    if isinstance(found, Refusal):
        return found
    account, region = found
    await store.set_failures(tx, account.account_id, 0, None)
    await _log(tx, AuditAction.ACCOUNT_UNLOCKED, account, region)
    return account.state


@registry.decides(LinkIdentity)
async def link_identity(command: LinkIdentity, tx: Transaction) -> AccountState | Refusal:
    found = await _lock_managed(tx, command.account_id)
    if isinstance(found, Refusal):
        return found
    account, region = found
    denied = await _denied_office(tx, account.person_id)
    if denied:
        return denied
    identity = identity_of(command.issuer, command.subject)
    if not await store.link_identity(tx, command.issuer, identity, account.account_id):
        return Refusal("identity-taken")
    await _log(tx, AuditAction.IDENTITY_LINKED, account, region)
    return account.state


async def _denied_office(tx: Transaction, person_id: UUID) -> Refusal | None:
    """Whoever gives a way in acts wherever it leads, at every post held from today on. Refusal: not-permitted."""
    async with tx.everywhere():  # posts of somebody who lives here may be above, or elsewhere
        held = await list_held(tx, person_id, day_of(tx.now), None)
    denials = (decide(tx.actor, CreateAccount.contract.permission, each.region) for each in held)
    return next((denied for denied in denials if denied), None)


async def _log(tx: Transaction, action: AuditAction, account: Account, region: str) -> None:
    await tx.audit(action, about=account.person_id, thing=account.account_id, region=region)


async def _lock_managed(tx: Transaction, account_id: UUID) -> tuple[Account, str] | Refusal:
    """An account of somebody in the actor's subtree, and her region."""
    account = await store.lock_account(tx, account_id)
    region = await share_home(tx, account.person_id) if account else None
    if account is None or region is None:
        return Refusal("unknown-account")
    return decide(tx.actor, CloseAccount.contract.permission, region) or (account, region)


@registry.decides(SetRecoveryCodes)
async def set_recovery_codes(command: SetRecoveryCodes, tx: Transaction) -> Done | Refusal:
    async with tx.everywhere():  # her own account, wherever she is registered
        account = await store.lock_account_of(tx, tx.actor.id)
        if account is None:
            return Refusal("unknown-account")
        await store.set_codes(tx, account.account_id, command.code_hashes)
    return Done()


@registry.answers(WhoAmI)
async def who_am_i(query: WhoAmI, tx: Transaction) -> Me | Refusal:  # noqa: ARG001
    async with tx.everywhere():  # her own account and offices, wherever they are
        account = await store.find_account_of(tx, tx.actor.id)
        if account is None:
            return Refusal("unknown-account")
        offices = await offices_of(tx, account.person_id)
    login = await login_of(account)
    if login is None:
        return Refusal("unknown-account")
    return Me(account_id=account.account_id, person_id=account.person_id, login=login, offices=offices)
