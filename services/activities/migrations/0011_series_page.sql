-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS session_change_page ON session_change (changed, series_id);
