-- What is a person's own is sealed with her key, which lies in the keyring (docs/decisions/0015). `name`, `email` and
-- `login` are those of rows from before; the service seals them and leaves the columns empty. No release reads them yet.
-- squawk-ignore ban-drop-not-null
ALTER TABLE person ALTER COLUMN name DROP NOT NULL;
ALTER TABLE person
    ADD COLUMN sealed bytea,
    ADD COLUMN restricted_at timestamptz,
    ADD COLUMN restricted_for text,
    ADD COLUMN erased_at timestamptz,
    ADD COLUMN erased_for text;
ALTER TABLE person ADD CONSTRAINT the_erased_leave_nothing CHECK (
    erased_at IS NULL
    OR (name IS NULL AND email IS NULL AND sealed IS NULL AND guardian_id IS NULL AND restricted_at IS NULL)) NOT VALID;
ALTER TABLE person ADD CONSTRAINT sealed_unless_erased CHECK (
    (erased_at IS NOT NULL) <> (sealed IS NOT NULL OR name IS NOT NULL)) NOT VALID;
ALTER TABLE person ADD CONSTRAINT restriction_has_ground CHECK (
    (restricted_at IS NULL) = (restricted_for IS NULL)) NOT VALID;
ALTER TABLE person ADD CONSTRAINT erasure_has_ground CHECK ((erased_at IS NULL) = (erased_for IS NULL)) NOT VALID;
-- An erased minor's guardian is known no more; the next statement puts the rest of the rule back.
-- squawk-ignore ban-drop-constraint
ALTER TABLE person DROP CONSTRAINT a_minor_has_a_guardian;
ALTER TABLE person ADD CONSTRAINT a_minor_has_a_guardian CHECK (
    age_band IN ('18-34', '35-59', '60+') OR guardian_id IS NOT NULL OR erased_at IS NOT NULL) NOT VALID;

-- A login is found by its keyed hash, and read with the key of its holder.
-- squawk-ignore ban-drop-not-null
ALTER TABLE account ALTER COLUMN login DROP NOT NULL;
ALTER TABLE account
    ADD COLUMN login_hash bytea,
    ADD COLUMN login_sealed bytea;
ALTER TABLE account ADD CONSTRAINT open_has_a_login CHECK (
    closed_at IS NOT NULL OR login IS NOT NULL OR (login_hash IS NOT NULL AND login_sealed IS NOT NULL)) NOT VALID;

-- Why a minor's record was opened is told in words, which may be about her: they go with her, and are not rewritten.
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'a reason is let go of, not rewritten';
END
$$;
CREATE TRIGGER reasons_stand BEFORE UPDATE OF reason_text ON record_access FOR EACH ROW
WHEN (NEW.reason_text NOT IN ('-', OLD.reason_text)) EXECUTE FUNCTION refuse_rewriting();
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('GRANT UPDATE (reason_text) ON record_access TO %I', current_database());
    END IF;
END
$$;
