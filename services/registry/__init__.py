"""Who and where: the home of divisions, organisations, sites, people and office."""

from contracts.activities.v1 import HeldByActivities
from contracts.notify.v1 import HeldByNotify
from contracts.volunteers.v1 import HeldByVolunteers
from services.chassis import Service
from services.keyring.vault import vault

registry = Service("registry", asks=(HeldByActivities, HeldByVolunteers, HeldByNotify))
registry.leans_on("keyring", vault.look)
