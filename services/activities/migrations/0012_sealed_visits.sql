-- What was written of a household is sealed with a key of the person by whom it is known (docs/decisions/0021). `text` is
-- that of notes about a household where nobody is known.
-- squawk-ignore ban-drop-not-null
ALTER TABLE visit_note ALTER COLUMN text DROP NOT NULL;
ALTER TABLE visit_note ADD COLUMN sealed bytea;
ALTER TABLE visit_note ADD CONSTRAINT sealed_or_of_nobody CHECK ((text IS NULL) <> (sealed IS NULL)) NOT VALID;
