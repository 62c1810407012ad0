-- no-transaction
-- squawk-ignore prefer-robust-stmts
ALTER TABLE enrolment
    VALIDATE CONSTRAINT enrolment_status,
    VALIDATE CONSTRAINT enrolment_ending,
    VALIDATE CONSTRAINT shares_of_its_seats;
