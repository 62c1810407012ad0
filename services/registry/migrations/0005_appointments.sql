-- Who holds which post, day by day. btree_gist is a trusted extension: the owner of the database may add it.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE appointment (
    appointment_id uuid PRIMARY KEY,
    unit_id        uuid NOT NULL REFERENCES unit,
    person_id      uuid NOT NULL REFERENCES person,
    post           text NOT NULL,
    since          date NOT NULL,
    until          date,
    version        int NOT NULL,
    CONSTRAINT ends_after_it_began CHECK (until >= since),
    CONSTRAINT one_person_once_in_a_post EXCLUDE USING gist (
        unit_id WITH =, person_id WITH =, post WITH =, daterange(since, until, '[]') WITH &&)
);
CREATE INDEX appointment_person ON appointment (person_id);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE DELETE ON appointment FROM %I', current_database());
    END IF;
END
$$;
