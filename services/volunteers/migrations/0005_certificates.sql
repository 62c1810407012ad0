-- Certificates of the record of service (Order 67): what was true when they were issued, and until when it was.

CREATE TABLE certificate (
    certificate_id uuid PRIMARY KEY,
    certificate_no text NOT NULL CONSTRAINT one_certificate_a_number UNIQUE,
    check_code     text NOT NULL,
    volunteer_id   uuid NOT NULL REFERENCES volunteer,
    unit_id        uuid NOT NULL,
    since          date NOT NULL,
    until          date NOT NULL CHECK (until >= since),
    minutes        int NOT NULL CHECK (minutes > 0),
    by_grade       jsonb NOT NULL,
    services       int NOT NULL CHECK (services > 0),
    contents       text[] NOT NULL,
    issued_by      text NOT NULL,
    issued_at      timestamptz NOT NULL,
    revoked_at     timestamptz,
    version        int NOT NULL
);
CREATE INDEX certificate_volunteer ON certificate (volunteer_id);

-- A certificate may lose its validity, and nothing else about it changes.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE, DELETE ON certificate FROM %I', current_database());
        EXECUTE format('GRANT UPDATE (revoked_at, version) ON certificate TO %I', current_database());
    END IF;
END
$$;
