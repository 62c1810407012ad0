-- Whether a person may be photographed: no unless agreed to (PIPL 25), by the guardian for a minor (A29).
ALTER TABLE person ADD COLUMN photos_agreed boolean NOT NULL DEFAULT false;

-- A consent of registry's that ended, and the enrolments that ended with it (X16): known by the id of registry's event.
CREATE TABLE withdrawal (
    withdrawal_id uuid PRIMARY KEY,
    person_id     uuid NOT NULL,
    purpose       text NOT NULL,
    region        char(12) COLLATE "C" NOT NULL,
    at            timestamptz NOT NULL,
    version       int NOT NULL
);
CREATE INDEX withdrawal_person ON withdrawal (person_id);
CALL own_rows('withdrawal');

CREATE TABLE withdrawal_effect (
    withdrawal_id uuid NOT NULL,
    enrolment_id  uuid NOT NULL,
    person_id     uuid NOT NULL,
    session_id    uuid NOT NULL,
    at            timestamptz NOT NULL,
    region        char(12) COLLATE "C" NOT NULL,
    CONSTRAINT an_enrolment_ends_once PRIMARY KEY (enrolment_id)
);
CREATE INDEX withdrawal_effect_person ON withdrawal_effect (person_id);
CALL own_rows('withdrawal_effect');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE, DELETE ON withdrawal_effect FROM %I', current_database());
    END IF;
END
$$;
