-- The feed of series (OpenActive SessionSeries): which series a change of a session is one of. A single session is a
-- series of its own.

ALTER TABLE session_change ADD COLUMN series_id uuid;

CREATE OR REPLACE FUNCTION sessions_are_news() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO session_change (session_id, series_id, changed, changed_at, region)
    SELECT session_id, coalesce(series_id, session_id), in_epoch(pg_current_xact_id()), statement_timestamp(), region
    FROM planned;
    RETURN NULL;
END
$$;
