"""Who must know: notices, deliveries, the in-app inbox, webhook endpoints."""
