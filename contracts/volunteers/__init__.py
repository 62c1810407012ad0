"""Who helped, how long: teams, volunteers, shifts, stints, the hours ledger, certificates."""
