-- The only table with data of persons (names, addresses); every other one holds the id alone (PIPL 6).
CREATE TABLE person (
    person_id   uuid PRIMARY KEY,
    region      char(12) COLLATE "C" NOT NULL,
    name        text NOT NULL,
    email       text,
    language    text NOT NULL CHECK (language IN ('zh', 'en')),
    age_band    text NOT NULL,
    guardian_id uuid REFERENCES person,
    version     int NOT NULL,
    CONSTRAINT a_minor_has_a_guardian CHECK (age_band IN ('18-34', '35-59', '60+') OR guardian_id IS NOT NULL),
    CONSTRAINT nobody_is_the_own_guardian CHECK (guardian_id <> person_id)
);

-- One row a giving; it ends when it is withdrawn or renewed under another notice version, and stays as history.
CREATE TABLE consent (
    consent_id     uuid PRIMARY KEY,
    person_id      uuid NOT NULL REFERENCES person,
    purpose        text NOT NULL,
    notice_version text NOT NULL,
    given_by       uuid NOT NULL REFERENCES person,
    given_at       timestamptz NOT NULL,
    withdrawn_at   timestamptz,
    renewed_at     timestamptz,
    CONSTRAINT ends_once CHECK (withdrawn_at IS NULL OR renewed_at IS NULL)
);
CREATE UNIQUE INDEX one_consent_a_purpose ON consent (person_id, purpose)
    WHERE withdrawn_at IS NULL AND renewed_at IS NULL;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE, DELETE ON consent FROM %I', current_database());
        EXECUTE format('GRANT UPDATE (withdrawn_at, renewed_at) ON consent TO %I', current_database());
    END IF;
END
$$;
