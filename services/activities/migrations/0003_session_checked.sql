-- no-transaction
-- squawk-ignore prefer-robust-stmts
ALTER TABLE session VALIDATE CONSTRAINT session_status_known, VALIDATE CONSTRAINT draft_is_empty;
