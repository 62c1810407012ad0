"""Who must know: notices, their delivery, the in-app inbox, webhook endpoints."""

from contracts.registry.v1 import GetContacts
from services.chassis import Service

notify = Service("notify", asks=(GetContacts,))
