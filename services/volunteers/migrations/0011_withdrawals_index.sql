-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS serves_once_a_team ON volunteer (team_id, person_id)
WHERE withdrawn_at IS NULL;
