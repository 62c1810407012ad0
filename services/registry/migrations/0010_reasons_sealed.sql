-- Why a record was opened, and what the review says, is told in words that may be about the person: sealed with her key
-- (docs/decisions/0021). `reason_text` and `review_note` are those of cases from before; the service seals them and
-- leaves a dash.
ALTER TABLE record_access
    ADD COLUMN reason_sealed bytea,
    ADD COLUMN note_sealed bytea;
CREATE TRIGGER sealed_reasons_stand BEFORE UPDATE OF reason_sealed ON record_access FOR EACH ROW
WHEN (OLD.reason_sealed IS NOT NULL AND NEW.reason_sealed IS NOT NULL AND OLD.reason_sealed <> NEW.reason_sealed)
EXECUTE FUNCTION refuse_rewriting();
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('GRANT UPDATE (reason_sealed, note_sealed) ON record_access TO %I', current_database());
    END IF;
END
$$;
