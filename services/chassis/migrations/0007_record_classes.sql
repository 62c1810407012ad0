-- The retention schedule (X17): for each class of records how long it is kept after its purpose ended, and by which law.
-- Archive, inbox, answers and audit log have policies of their own (0002_months.sql, 0004_audit.sql).
-- `over` is the moment from which the days count, as an expression of a row of `place`: NULL as long as it is needed.
-- `held` is true of a row that nobody lets go of, however old: its person is restricted, or a law suit needs it.
-- Without `days` a class is kept without an end. The owner's migrations write here, the service reads.
CREATE TABLE record_class (
    record_class text PRIMARY KEY CHECK (record_class ~ '^[a-z]+(_[a-z]+)*$'),
    place        regclass NOT NULL,
    source       text NOT NULL,
    days         int CHECK (days > 0),
    over         text NOT NULL DEFAULT 'NULL::timestamptz',
    held         text NOT NULL DEFAULT 'false',
    timer_id     uuid NOT NULL UNIQUE DEFAULT gen_random_uuid()
);

-- Adds a class.
CREATE PROCEDURE keep_records(
    class text, place regclass, source text, days int DEFAULT NULL,
    over text DEFAULT 'NULL::timestamptz', held text DEFAULT 'false') LANGUAGE sql AS $$
    INSERT INTO record_class (record_class, place, source, days, over, held)
    VALUES (class, place, source, days, over, held)
$$;

-- Deletes rows of one class whose time is over, at most so many, by `moment` or the server's clock, whichever is earlier:
-- a caller cannot hurry time. Returns how many went, and how many stay because they are held.
CREATE FUNCTION purge_records(class text, moment timestamptz, most int, OUT gone bigint, OUT kept bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    rule record_class;
    since timestamptz;
BEGIN
    SELECT * INTO STRICT rule FROM record_class WHERE record_class = class AND days IS NOT NULL;
    since := least(moment, clock_timestamp()) - make_interval(days => rule.days);
    EXECUTE format('WITH old AS (DELETE FROM %1$s WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM %1$s WHERE (%2$s) < $1 AND NOT (%3$s) LIMIT $2)) RETURNING 1) SELECT count(*) FROM old',
        rule.place, rule.over, rule.held) INTO gone USING since, most;
    EXECUTE format('SELECT count(*) FROM %1$s WHERE (%2$s) < $1 AND (%3$s)', rule.place, rule.over, rule.held)
        INTO kept USING since;
END
$$;

REVOKE ALL ON FUNCTION purge_records FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON record_class FROM %I', current_database());
        EXECUTE format('GRANT EXECUTE ON FUNCTION purge_records TO %I', current_database());
    END IF;
END
$$;
