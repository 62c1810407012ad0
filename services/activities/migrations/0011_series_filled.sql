-- no-transaction
-- Sessions of before, in parts: whoever changes one of them waits for one part at most.
DO $$
DECLARE
    filled int := 1;
BEGIN
    WHILE filled > 0 LOOP
        UPDATE session_change SET series_id = coalesce(
            (SELECT session.series_id FROM session WHERE session.session_id = session_change.session_id), session_id)
        WHERE session_id IN (SELECT session_id FROM session_change WHERE series_id IS NULL LIMIT 5000);
        GET DIAGNOSTICS filled = ROW_COUNT;
        COMMIT;
    END LOOP;
END
$$;
