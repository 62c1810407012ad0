-- no-transaction
-- The calendar of a district is one range of this index: substr over a fixed-width code never changes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS session_district ON session (substr(region, 1, 6), starts_at, session_id);
