-- no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS enrolment_household ON enrolment (session_id) WHERE household IS NOT NULL;
