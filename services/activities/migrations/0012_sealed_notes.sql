-- What a health note says is sealed with a key of the child's (docs/decisions/0021). `text` is that of notes from before:
-- the service seals them and leaves the column empty.
-- squawk-ignore ban-drop-not-null
ALTER TABLE health_note ALTER COLUMN text DROP NOT NULL;
ALTER TABLE health_note ADD COLUMN sealed bytea;
ALTER TABLE health_note ADD CONSTRAINT sealed_or_from_before CHECK ((text IS NULL) <> (sealed IS NULL)) NOT VALID;
