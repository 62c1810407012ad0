-- Archive and inbox lie in partitions of one month (UTC), in a schema that the runtime role cannot enter. Only these
-- functions make and drop them; the policy is the owner's, set by the migrator (docs/decisions/0006).

CREATE TABLE retention (
    one          boolean PRIMARY KEY DEFAULT true CHECK (one),
    stream_days  int NOT NULL CHECK (stream_days > 0),
    archive_days int NOT NULL,
    inbox_days   int NOT NULL,
    answer_days  int NOT NULL CHECK (answer_days >= 31),
    -- 0 keeps for ever. What the stream lost is sent again from the archive.
    CONSTRAINT archive_outlives_stream CHECK (archive_days = 0 OR archive_days > stream_days),
    -- Twice: what is sent again from the archive at the end of its time is as long in the stream once more.
    CONSTRAINT inbox_outlives_stream CHECK (inbox_days >= 2 * stream_days)
);

CREATE SCHEMA months;
-- Takes what has no month yet, so that no insert ever fails, and is the pattern of every month. Two rivals for one
-- version of an aggregate meet inside one month: the net under the row lock need not reach further.
CREATE TABLE months.outbox_rest PARTITION OF outbox DEFAULT;
CREATE UNIQUE INDEX ON months.outbox_rest (aggregate_id, aggregate, version);
CREATE TABLE months.inbox_rest PARTITION OF inbox DEFAULT;

-- Makes one month and moves there what waits for it in the rest.
CREATE FUNCTION make_month(parent text, key text, month timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    part text := format('months.%I', parent || to_char(month, '_YYYY_MM'));
    rest text := format('months.%I', parent || '_rest');
    next timestamptz := month + interval '1 month';
BEGIN
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', rest);
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING CONSTRAINTS INCLUDING INDEXES)', part, rest);
    EXECUTE format(
        'WITH moved AS (DELETE FROM %s WHERE %I >= $1 AND %I < $2 RETURNING *) INSERT INTO %s SELECT * FROM moved',
        rest, key, key, part) USING month, next;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', parent, part, month, next);
    RETURN part;
END
$$;

-- Makes this month, the next two, and every month that has rows in the rest. Returns the names of those made.
CREATE FUNCTION make_months(moment timestamptz) RETURNS SETOF text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
    this timestamptz := date_trunc('month', moment);
    kept record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('linli-months'));
    FOR kept IN SELECT * FROM (VALUES ('outbox', 'at'), ('inbox', 'said_at')) AS kept (parent, key) LOOP
        RETURN QUERY EXECUTE format(
            'SELECT make_month(%L, %L, month) FROM (
                 SELECT generate_series($1, $1 + interval ''2 months'', interval ''1 month'') AS month UNION
                 SELECT date_trunc(''month'', %I) FROM months.%I WHERE %I < $1 + interval ''3 months'') AS wanted
             WHERE to_regclass(''months.'' || %L || to_char(month, ''_YYYY_MM'')) IS NULL ORDER BY month',
            kept.parent, kept.key, kept.key, kept.parent || '_rest', kept.key, kept.parent) USING this;
    END LOOP;
END
$$;

-- Drops the months that ended longer ago than the policy keeps, by `moment` or the server's clock, whichever is earlier:
-- a caller cannot hurry time. A month with an unpublished event stays. Returns the names of those dropped.
CREATE FUNCTION drop_months(moment timestamptz) RETURNS SETOF text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
    policy retention;
    old record;
    waits boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('linli-months'));
    SELECT * INTO policy FROM retention;  -- without a policy nothing goes
    FOR old IN
        SELECT kept.parent, format('months.%I', part.relname) AS part
        FROM (VALUES ('outbox', policy.archive_days), ('inbox', policy.inbox_days)) AS kept (parent, days)
        JOIN pg_inherits ON inhparent = kept.parent::regclass
        JOIN pg_class AS part ON part.oid = inhrelid AND part.relname ~ '_\d{4}_\d\d$'
        WHERE kept.days > 0 AND to_timestamp(right(part.relname, 7), 'YYYY_MM') + interval '1 month'
            <= least(moment, clock_timestamp()) - make_interval(days => kept.days)
        ORDER BY part.relname
    LOOP
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', old.part);
        waits := false;
        IF old.parent = 'outbox' THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE stream_seq IS NULL)', old.part) INTO waits;
        END IF;
        IF NOT waits THEN
            EXECUTE format('DROP TABLE %s', old.part);
            RETURN NEXT old.part;
        END IF;
    END LOOP;
END
$$;

-- Deletes kept answers and fired timers that are older than the policy keeps, at most so many of each. Returns how many.
CREATE FUNCTION forget_answers(moment timestamptz, most int) RETURNS bigint LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH since AS (
        SELECT least(moment, clock_timestamp()) - make_interval(days => answer_days) AS at FROM retention
    ), answers AS (
        DELETE FROM command_log WHERE command_id = ANY (ARRAY(
            SELECT command_id FROM command_log WHERE at < (SELECT at FROM since) ORDER BY at LIMIT most)) RETURNING 1
    ), timers AS (
        -- Asked twice: one that is set again meanwhile stays.
        DELETE FROM timer WHERE fired_at < (SELECT at FROM since) AND (kind, key) IN (
            SELECT kind, key FROM timer WHERE fired_at < (SELECT at FROM since) ORDER BY fired_at LIMIT most) RETURNING 1
    )
    SELECT (SELECT count(*) FROM answers) + (SELECT count(*) FROM timers)
$$;

REVOKE ALL ON FUNCTION make_month, make_months, drop_months, forget_answers FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE ALL ON SCHEMA months FROM %I', current_database());
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON retention FROM %I', current_database());
        EXECUTE format('GRANT EXECUTE ON FUNCTION make_months, drop_months, forget_answers TO %I', current_database());
    END IF;
END
$$;

SELECT make_months(now());
