-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS session_series ON session (series_id, starts_at) WHERE series_id IS NOT NULL;
