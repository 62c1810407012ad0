"""What registry does when a person has her data corrected, restricted or erased."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from contracts.audit import AuditAction
from contracts.refusals import Refusal
from contracts.registry.v1 import (
    AccountClosed,
    CorrectPerson,
    ErasePerson,
    ErasureState,
    LiftRestriction,
    PersonCorrected,
    PersonErased,
    PersonRequestKind,
    PersonRestricted,
    PersonState,
    RegistryRecordsPurged,
    RestrictionGround,
    RestrictionLifted,
    RestrictPerson,
)
from services.chassis import Due, Transaction
from services.chassis.access import decide
from services.chassis.purging import purge_by_schedule
from services.keyring.sealing import seal_values
from services.keyring.vault import vault
from services.registry import registry
from services.registry.accounts import store as accounts
from services.registry.approvals.handlers import closed_to_asker
from services.registry.consents import store as consents
from services.registry.consents.rules import ERASED
from services.registry.people.store import share_people
from services.registry.people.values import open_sealed
from services.registry.requests.answering import ALL, settle
from services.registry.rights import rules, store
from services.registry.rights.rules import Subject

purge_by_schedule(registry, RegistryRecordsPurged)

DESTROY_KEY: Final = "destroy-key"


@registry.decides(CorrectPerson)
async def correct_person(command: CorrectPerson, tx: Transaction) -> PersonState | Refusal:
    subject = await _lock_permitted(tx, command)
    if isinstance(subject, Refusal):
        return subject
    async with tx.everywhere():  # a guardian may live elsewhere
        known, _ = await share_people(tx, [command.guardian_id] if command.guardian_id else [])
    refusal = rules.may_correct(command, subject, known.get(command.guardian_id) if command.guardian_id else None)
    if refusal is None and rules.comes_of_age(command, subject):  # then her record needs no approval any more
        refusal = await closed_to_asker(tx, subject.person_id, command.contract.permission, subject.region)
    if refusal:
        return refusal

    after = replace(
        subject,
        age_band=command.age_band or subject.age_band,
        guardian_id=command.guardian_id or subject.guardian_id,
        version=subject.version + 1,
    )
    await store.correct(tx, command, after, await _seal_anew(tx, command))
    await settle(tx, subject.person_id, [PersonRequestKind.CORRECTION])
    await tx.audit(AuditAction.PERSON_CORRECTED, about=subject.person_id, region=subject.region)
    fact = PersonCorrected(person_id=after.person_id, age_band=after.age_band, guardian_id=after.guardian_id)
    tx.say(fact, region=subject.region, version=after.version)
    return after.state


async def _seal_anew(tx: Transaction, command: CorrectPerson) -> bytes:
    """Her values with what is corrected in them; under the key she has."""
    row = await store.find_values(tx, command.person_id)
    keys = await vault.make_keys([command.person_id], tx.now)
    values = (await open_sealed([row] if row else [])).get(command.person_id, {})
    said = {"name": command.name, "email": command.email}
    values |= {name: value for name, value in said.items() if value is not None}
    if command.no_email:
        values["email"] = None
    return seal_values(keys[command.person_id], command.person_id, values)


@registry.decides(RestrictPerson)
async def restrict_person(command: RestrictPerson, tx: Transaction) -> PersonState | Refusal:
    subject = await _lock_permitted(tx, command)
    if isinstance(subject, Refusal):
        return subject
    if subject.restricted_for == command.ground:
        await settle(tx, subject.person_id, [PersonRequestKind.RESTRICTION])  # asked again, and done already
        return subject.state
    if subject.restricted_for == RestrictionGround.LEGAL_HOLD:
        return Refusal("under-legal-hold")
    after = replace(subject, restricted_for=command.ground.value, version=subject.version + 1)
    await store.restrict(tx, after)
    await settle(tx, subject.person_id, [PersonRequestKind.RESTRICTION])
    await tx.audit(
        AuditAction.PERSON_RESTRICTED, about=subject.person_id, region=subject.region, reason=command.ground.value
    )
    fact = PersonRestricted(person_id=subject.person_id, ground=command.ground)
    tx.say(fact, region=subject.region, version=after.version)
    return after.state


@registry.decides(LiftRestriction)
async def lift_restriction(command: LiftRestriction, tx: Transaction) -> PersonState | Refusal:
    subject = await _lock_permitted(tx, command)
    if isinstance(subject, Refusal):
        return subject
    if subject.restricted_for is None:
        return Refusal("not-restricted")
    after = replace(subject, restricted_for=None, version=subject.version + 1)
    await store.restrict(tx, after)
    await tx.audit(AuditAction.PERSON_RESTRICTED, about=subject.person_id, region=subject.region, reason="lifted")
    tx.say(RestrictionLifted(person_id=subject.person_id), region=subject.region, version=after.version)
    return after.state


@registry.decides(ErasePerson)
async def erase_person(command: ErasePerson, tx: Transaction) -> ErasureState | Refusal:
    subject = await _lock_permitted(tx, command)
    if isinstance(subject, Refusal):
        return subject
    refusal = rules.may_erase(command, subject)
    if refusal:
        return refusal
    await erase(tx, subject, command.ground.value)
    return ErasureState(person_id=subject.person_id, at=tx.now, kept=rules.KEPT)


async def erase(tx: Transaction, subject: Subject, ground: str) -> None:
    """Empties her rows, says so, and has her key destroyed once that is committed: never the other way round."""
    await _empty_account(tx, subject)
    await store.erase(tx, subject.person_id, ground, subject.version + 1)
    await consents.end_all(tx, subject.person_id, ERASED)
    await settle(tx, subject.person_id, ALL)
    await tx.audit(AuditAction.PERSON_ERASED, about=subject.person_id, region=subject.region, reason=ground)
    tx.set_timer(DESTROY_KEY, subject.person_id, tx.now)
    tx.say(PersonErased(person_id=subject.person_id), region=subject.region, version=subject.version + 1)


async def _empty_account(tx: Transaction, subject: Subject) -> None:
    account_id = await accounts.find_account_id(tx, subject.person_id)
    account = await accounts.lock_account(tx, account_id) if account_id else None
    if account is None:
        return
    if account.closed_at is None:
        await accounts.close_account(tx, account.account_id)
        await accounts.end_logins(tx, account.account_id)
        fact = AccountClosed(account_id=account.account_id, person_id=account.person_id)
        tx.say(fact, region=subject.region, version=account.version + 1)
    await accounts.empty_account(tx, account.account_id)


@registry.when_due(DESTROY_KEY)
async def destroy_keys(due: Sequence[Due], tx: Transaction) -> None:
    """The keyring is another database: what is done twice there is done once."""
    for each in due:
        await vault.destroy(each.key, tx.now)
        await tx.audit(AuditAction.KEY_DELETED, about=each.key, cause=tx.because_of(each.key))


async def _lock_permitted(
    tx: Transaction, command: CorrectPerson | RestrictPerson | LiftRestriction | ErasePerson
) -> Subject | Refusal:
    """A registered person of the actor's subtree, locked."""
    subject = await store.lock_subject(tx, command.person_id)
    if subject is None:
        return Refusal("unknown-person", person_id=str(command.person_id))
    return decide(tx.actor, command.contract.permission, subject.region) or subject


async def erase_again(tx: Transaction, people: Sequence[UUID]) -> list[UUID]:
    """Erases those whom a restored database brought back; returns who they are. Safe to repeat."""
    found = [subject for id in people if (subject := await store.lock_subject(tx, id)) is not None]
    for subject in found:
        await erase(tx, subject, "restored_backup")
    return [subject.person_id for subject in found]
