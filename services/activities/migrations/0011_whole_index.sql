-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS counted_session_parts ON counted_session (session_id) WHERE NOT whole;
