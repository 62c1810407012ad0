-- Quarantine keeps whole messages: each row belongs to the region that its subject names (none: to nowhere, which the
-- service alone sees), and no handler of a region sees or writes it (promise 11).
ALTER TABLE quarantine ADD COLUMN region char(12) COLLATE "C" NOT NULL DEFAULT '000000000000';

UPDATE quarantine SET region = translate(substring(subject FROM '\.(\d{4}\.\d{2}\.\d{3}\.\d{3})$'), '.', '')
WHERE subject ~ '\.\d{4}\.\d{2}\.\d{3}\.\d{3}$';

CALL own_rows('quarantine');

-- What was decided about a message an operator writes down, as the owner.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE ON quarantine FROM %I', current_database());
    END IF;
END
$$;
