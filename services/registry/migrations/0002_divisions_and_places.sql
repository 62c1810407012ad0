-- An import proves every parent in its own transaction and no division is ever deleted (old codes resolve for ever),
-- so that the reference checks itself: without the foreign key a whole country loads in a third less time.
ALTER TABLE division DROP CONSTRAINT division_parent_code_fkey;
ALTER TABLE division ADD CONSTRAINT only_a_province_has_no_parent CHECK ((level = 'province') = (parent_code IS NULL));
DROP INDEX division_parent;

-- Spellings that a person decided: what `written` means in the subtree of `within`.
CREATE TABLE place_alias (
    written    text NOT NULL,
    within     char(12) COLLATE "C" NOT NULL REFERENCES division,
    code       char(12) COLLATE "C" NOT NULL REFERENCES division,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (written, within)
);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE DELETE ON division, unit FROM %I', current_database());
    END IF;
END
$$;
