"""Who must know: notices, their delivery, the in-app inbox, webhook endpoints."""

from services.chassis import Service

notify = Service("notify")
