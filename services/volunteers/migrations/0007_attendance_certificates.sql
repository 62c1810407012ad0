-- Certificates of attendance: issued once for each request that activities stated (A40).

CREATE TABLE attendance_certificate (
    attendance_certificate_id uuid PRIMARY KEY,
    certificate_no            text NOT NULL CONSTRAINT one_attendance_a_number UNIQUE,
    check_code                text NOT NULL,
    person_id                 uuid NOT NULL,
    unit_id                   uuid NOT NULL,
    since                     date NOT NULL,
    until                     date NOT NULL CHECK (until >= since),
    sessions                  int NOT NULL CHECK (sessions > 0),
    rule                      text NOT NULL,
    issued_at                 timestamptz NOT NULL,
    region                    char(12) COLLATE "C" NOT NULL
);

CALL own_rows('attendance_certificate');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE, DELETE ON attendance_certificate FROM %I', current_database());
    END IF;
END
$$;
