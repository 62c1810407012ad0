"""Who helped, how long: teams and volunteers, shifts, stints, the hours ledger, certificates."""

from services.chassis import Service

volunteers = Service("volunteers")
