"""Who must know: notices, their delivery, the in-app inbox, webhook endpoints."""
