-- Calendars with private tokens, and the order of changes for the open feed (A39; OpenActive RPDE).

CREATE TABLE calendar_feed (
    feed_id    uuid PRIMARY KEY,
    token_hash text NOT NULL CONSTRAINT one_feed_a_token UNIQUE,
    kind       text NOT NULL CHECK (kind IN ('person', 'site', 'unit')),
    topic_id   uuid NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    region     char(12) COLLATE "C" NOT NULL
);

-- `changed` is the number of the transaction, after that of the epoch: a restored database begins a higher one. A number
-- is given before its transaction commits, so readers stop before the oldest that still runs (feeds/store.py).
CREATE TABLE session_change (
    session_id uuid PRIMARY KEY,
    changed    bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    region     char(12) COLLATE "C" NOT NULL
);
CREATE INDEX session_change_order ON session_change (changed, session_id);

CREATE FUNCTION in_epoch(number xid8) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT (SELECT coalesce(max(epoch), 1) FROM epoch) * 10000000000000 + number::text::bigint
$$;

INSERT INTO session_change (session_id, changed, changed_at, region)
SELECT session_id, in_epoch(pg_current_xact_id()), statement_timestamp(), region FROM session;

CREATE FUNCTION sessions_are_news() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO session_change (session_id, changed, changed_at, region)
    SELECT session_id, in_epoch(pg_current_xact_id()), statement_timestamp(), region FROM planned;
    RETURN NULL;
END
$$;
CREATE TRIGGER is_news AFTER INSERT ON session REFERENCING NEW TABLE AS planned
    FOR EACH STATEMENT EXECUTE FUNCTION sessions_are_news();

-- Fires where a version is given, that is with every fact of a session; seats that come and go are none.
CREATE FUNCTION session_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE session_change
    SET changed = in_epoch(pg_current_xact_id()), changed_at = statement_timestamp(), region = NEW.region
    WHERE session_id = NEW.session_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER changes AFTER UPDATE OF version ON session FOR EACH ROW EXECUTE FUNCTION session_changes();

CREATE FUNCTION session_is_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE session_change SET changed = in_epoch(pg_current_xact_id()), changed_at = statement_timestamp()
    WHERE session_id = OLD.session_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER is_gone AFTER DELETE ON session FOR EACH ROW EXECUTE FUNCTION session_is_gone();

CALL own_rows('calendar_feed');
CALL open_rows('session_change');
