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
