-- no-transaction
ALTER TABLE enrolment
    -- squawk-ignore prefer-robust-stmts
    VALIDATE CONSTRAINT enrolment_status,
    -- squawk-ignore prefer-robust-stmts
    VALIDATE CONSTRAINT enrolment_ending,
    -- squawk-ignore prefer-robust-stmts
    VALIDATE CONSTRAINT shares_of_its_seats;
