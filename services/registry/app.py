"""registry as a process: settings and capabilities, nothing else."""

from services.chassis.app import ServiceApp
from services.chassis.settings import Settings
from services.keyring.master import FILE
from services.keyring.vault import vault
from services.registry import registry
from services.registry.accounts import handlers as accounts
from services.registry.accounts import logins
from services.registry.appointments import delegations
from services.registry.appointments import handlers as appointments
from services.registry.approvals import handlers as approvals
from services.registry.centres import handlers as centres
from services.registry.clients import handlers as clients
from services.registry.consents import handlers as consents
from services.registry.divisions import handlers as divisions
from services.registry.people import earlier, keys
from services.registry.people import handlers as people
from services.registry.places import handlers as places
from services.registry.privacy_notices import handlers as privacy_notices
from services.registry.records import handlers as records
from services.registry.requests import handlers as requests
from services.registry.rights import copies
from services.registry.rights import handlers as rights
from services.registry.settings import RegistrySettings
from services.registry.site_lists import handlers as site_lists
from services.registry.sites import handlers as sites
from services.registry.units import handlers as units


def build_app(settings: Settings) -> ServiceApp:
    own = RegistrySettings(**settings.model_dump())
    vault.at(own.keyring_dsn, own.secrets_dir / FILE, own)
    return ServiceApp(
        registry,
        own,
        capabilities=[
            *(divisions, places, units, centres, sites, site_lists),
            *(people, earlier, keys, rights, copies, requests, privacy_notices, consents, approvals, records),
            *(appointments, delegations, accounts, logins, clients),
        ],
    )


if __name__ == "__main__":
    build_app(RegistrySettings()).serve()
