"""What registry does when another service must keep something of a person in words: it derives a key for that."""

from contracts.registry.v1 import GetSealingKeys, SealingKey, SealingKeys
from services.chassis import Transaction
from services.keyring.sealing import derived_key
from services.keyring.vault import vault
from services.registry import registry
from services.registry.people.store import list_known


@registry.answers(GetSealingKeys)
async def get_sealing_keys(query: GetSealingKeys, tx: Transaction) -> SealingKeys:
    """Each service gets keys of its own: what one sealed, another does not open. No person's key leaves registry."""
    keys = await vault.make_keys(await list_known(tx, query.people), tx.now)
    lent = {id: derived_key(key, tx.actor.id, query.purpose) for id, key in keys.items()}
    return SealingKeys(keys=tuple(SealingKey(person_id=id, sealing_key=key.hex()) for id, key in lent.items()))
