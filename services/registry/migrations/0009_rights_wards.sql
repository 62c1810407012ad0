-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS person_guardian ON person (guardian_id) WHERE guardian_id IS NOT NULL;
