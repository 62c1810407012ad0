-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS assignment_place ON assignment (shift_id, volunteer_id);
