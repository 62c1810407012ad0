-- The data keys of people, each wrapped by a master key that is in no database. Backed up apart from the data and for
-- a shorter time, else erasure is fiction (docs/decisions/0015). Rows are found by id alone; registry asks nothing else.
CREATE TABLE person_key (
    person_id uuid PRIMARY KEY,
    wrapped   bytea NOT NULL,
    master    text NOT NULL,
    made_at   timestamptz NOT NULL
);
CREATE INDEX person_key_master ON person_key (master, person_id);

-- Who was erased. It stays for ever and is replayed when registry's database was restored from a backup.
CREATE TABLE erasure (
    person_id uuid PRIMARY KEY,
    at        timestamptz NOT NULL
);

-- Nobody who was erased gets a key again, whichever comes first.
CREATE FUNCTION has_no_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM erasure WHERE person_id = NEW.person_id) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER erased_stays_erased BEFORE INSERT ON person_key FOR EACH ROW EXECUTE FUNCTION has_no_key();

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON erasure FROM %I', current_database());
        EXECUTE format('REVOKE UPDATE, TRUNCATE ON person_key FROM %I', current_database());
        EXECUTE format('GRANT UPDATE (wrapped, master) ON person_key TO %I', current_database());
    END IF;
END
$$;
