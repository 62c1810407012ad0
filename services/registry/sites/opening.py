"""Opening sites: one way for a single site, a site list and a decided place."""

from collections.abc import Sequence

from contracts.registry.v1 import SiteOpened, SiteState
from services.chassis import Transaction
from services.registry.sites import store


async def open_sites(tx: Transaction, sites: Sequence[SiteState]) -> None:
    """Saves sites of version 1 and says that they are open. What makes a site refusable was decided before."""
    if not sites:
        return
    await store.add_sites(tx, sites)
    for site in sites:
        opened = SiteOpened(**site.model_dump(exclude={"region", "status", "version"}))
        tx.say(opened, region=site.region, version=site.version)
