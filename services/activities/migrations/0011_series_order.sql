-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS session_change_series ON session_change (series_id, changed);
