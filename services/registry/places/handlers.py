"""What registry does when a place is written by hand."""

from contracts.refusals import Refusal
from contracts.registry.v1 import FindDivision, PlaceMatch, PlaceMatches
from services.chassis import Transaction
from services.registry import registry
from services.registry.divisions.store import find_division
from services.registry.places import rules, store


@registry.answers(FindDivision)
async def answer_find_division(query: FindDivision, tx: Transaction) -> PlaceMatches | Refusal:
    if await find_division(tx, query.within) is None:
        return Refusal("division-code-unknown", code=query.within)
    return await read_place(tx, query.written, query.within)


async def read_place(tx: Transaction, written: str, within: str) -> PlaceMatches:
    """The divisions of the subtree of `within` that a written place may mean; a decided spelling is certain."""
    written = rules.normalise(written)
    code = await store.find_alias(tx, written, within)
    decided = await store.find_place(tx, code) if code else None
    if decided is None:
        return rules.match(written, await store.list_like(tx, written, within))
    certain = PlaceMatch(code=decided.code, full_name=decided.full_name, likeness=1.0)
    return PlaceMatches(exact=decided.code, candidates=(certain,))


async def remember_decision(tx: Transaction, written: str, within: str, code: str) -> None:
    """From now on this spelling means this division in the subtree of `within`."""
    await store.set_alias(tx, rules.normalise(written), within, code)
