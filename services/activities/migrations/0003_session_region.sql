-- no-transaction
-- The calendar of a region: one range of codes, and within each code one range of time. Codes themselves, no expression
-- of them: under row-level security an index is entered by operators that cannot leak, and substr might.
CREATE INDEX CONCURRENTLY IF NOT EXISTS session_region ON session (region, starts_at, session_id);
