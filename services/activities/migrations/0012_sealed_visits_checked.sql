-- no-transaction
-- squawk-ignore prefer-robust-stmts
ALTER TABLE visit_note VALIDATE CONSTRAINT sealed_or_of_nobody;
