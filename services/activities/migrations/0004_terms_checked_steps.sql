-- no-transaction
-- squawk-ignore prefer-robust-stmts
ALTER TABLE queue_step VALIDATE CONSTRAINT queue_step_step;
