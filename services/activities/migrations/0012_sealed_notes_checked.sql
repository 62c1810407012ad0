-- no-transaction
-- squawk-ignore prefer-robust-stmts
ALTER TABLE health_note VALIDATE CONSTRAINT sealed_or_from_before;
