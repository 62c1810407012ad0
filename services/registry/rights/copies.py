"""What registry does when a person wants a copy of everything that is held about her."""

import asyncio
import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final

from contracts.activities.v1 import HeldByActivities
from contracts.audit import AuditAction
from contracts.data import AgeBand
from contracts.holdings import Holdings
from contracts.notify.v1 import HeldByNotify
from contracts.refusals import Refusal, Refused
from contracts.registry.v1 import ExportPerson, PersonCopy, PersonRequestKind
from contracts.volunteers.v1 import HeldByVolunteers
from services.chassis import Transaction
from services.chassis.access import decide
from services.chassis.handlers import Ask
from services.chassis.holdings import MOST_RECORDS, holdings
from services.keyring.vault import vault
from services.registry import registry
from services.registry.accounts.names import login_of
from services.registry.accounts.store import find_account_of
from services.registry.approvals import rules, words
from services.registry.approvals.handlers import closed_to_asker
from services.registry.people.values import open_sealed
from services.registry.requests import store as requests
from services.registry.rights import store

WORDS: Final = (("reason_text", "reason_sealed", words.REASON), ("review_note", "note_sealed", words.NOTE))
BY_COPY: Final = (PersonRequestKind.ACCESS, PersonRequestKind.COPY)
"""What a copy answers."""
OTHERS: Final = (HeldByActivities, HeldByVolunteers, HeldByNotify)


async def ask_the_others(own: PersonCopy, ask: Ask) -> PersonCopy:
    """The copy with what each other service holds; one that does not answer is named, and the rest is handed out."""
    answers = await asyncio.gather(*(ask(query(person_id=own.person_id)) for query in OTHERS), return_exceptions=True)
    missing = []
    for query, answer in zip(OTHERS, answers, strict=True):
        if isinstance(answer, Refused):
            missing.append(query.contract.service)
        elif isinstance(answer, BaseException):
            raise answer
    told = (*own.holdings, *(answer for answer in answers if isinstance(answer, Holdings)))
    return own.model_copy(update={"holdings": told, "missing": tuple(missing)})


@registry.answers(ExportPerson, audited=True, then=ask_the_others)
async def export_person(query: ExportPerson, tx: Transaction) -> PersonCopy | Refusal:
    """What registry itself holds; the audit row is committed before anything leaves the house."""
    person = await store.find_person(tx, query.person_id)
    if person is None:
        return Refusal("unknown-person", person_id=str(query.person_id))
    denied = decide(tx.actor, query.contract.permission, person["region"])
    if denied:
        return denied
    if rules.is_protected(AgeBand(person["age_band"])) and not await _is_agreed(tx, query, person["region"]):
        return Refusal("request-needed")
    await tx.audit(AuditAction.PERSON_EXPORTED, about=query.person_id, region=person["region"])
    async with tx.everywhere():  # her posts, her wards and her account, wherever they are
        rows = await store.list_records(tx, query.person_id, MOST_RECORDS + 1)
        account = await find_account_of(tx, str(query.person_id))
    values = (await open_sealed([person])).get(query.person_id, {})
    known = {name: person[name] for name in ("region", "age_band", "guardian_id", "language", "restricted_for")}
    login = await login_of(account) if account else None
    own_row = {"kind": "person", "record_id": query.person_id, "at": None, "facts": known | values | {"login": login}}
    key = (await vault.keys_of([query.person_id])).get(query.person_id)
    own = holdings(registry.name, [own_row, *(_with_words(row, key) for row in rows)])
    return PersonCopy(person_id=query.person_id, at=tx.now, holdings=(own,))


async def _is_agreed(tx: Transaction, query: ExportPerson, region: str) -> bool:
    """Whether somebody else had a part in handing out a minor's copy (promise 12)."""
    if await requests.is_asked(tx, query.person_id, BY_COPY):
        return True
    return await closed_to_asker(tx, query.person_id, query.contract.permission, region) is None


def _with_words(row: Mapping[str, Any], key: bytes | None) -> Mapping[str, Any]:
    """A case of opening her record says why in words; every other record is told as it is."""
    if row["kind"] != "record_access":
        return row
    facts = json.loads(row["facts"])
    for field, sealed, kind in WORDS:
        text = facts.pop(sealed)
        if text is not None:
            facts[field] = words.opened(key, row["record_id"], kind, b64decode(text), facts[field])
    return {**row, "facts": facts}
