"""Who helped, how long: teams, volunteers, clearances, shifts, stints, the hours ledger, certificates."""
