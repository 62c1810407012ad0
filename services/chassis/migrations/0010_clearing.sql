-- A class of the retention schedule may be one column of rows that stay: what it says is cleared when its time is over,
-- and the rest of the row is kept (PIPL 19, 47).
ALTER TABLE record_class ADD COLUMN clears text CHECK (clears ~ '^[a-z]+(_[a-z]+)*$');

-- Adds such a class.
CREATE PROCEDURE clear_values(
    class text, place regclass, clears text, source text, days int, over text, held text DEFAULT 'false')
LANGUAGE sql AS $$
    INSERT INTO record_class (record_class, place, clears, source, days, over, held)
    VALUES (class, place, clears, source, days, over, held)
$$;

-- As before (0007); a class that clears changes its column instead of deleting the row, and looks at no row without it.
CREATE OR REPLACE FUNCTION purge_records(class text, moment timestamptz, most int, OUT gone bigint, OUT kept bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    rule record_class;
    since timestamptz;
    meant text;
BEGIN
    SELECT * INTO STRICT rule FROM record_class WHERE record_class = class AND days IS NOT NULL;
    since := least(moment, clock_timestamp()) - make_interval(days => rule.days);
    meant := CASE WHEN rule.clears IS NULL THEN 'true' ELSE format('%I IS NOT NULL', rule.clears) END;
    EXECUTE format('WITH old AS (%5$s WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM %1$s WHERE %4$s AND (%2$s) < $1 AND NOT (%3$s) LIMIT $2)) RETURNING 1)
            SELECT count(*) FROM old', rule.place, rule.over, rule.held, meant,
            CASE WHEN rule.clears IS NULL THEN format('DELETE FROM %s', rule.place)
            ELSE format('UPDATE %s SET %I = NULL', rule.place, rule.clears) END) INTO gone USING since, most;
    EXECUTE format('SELECT count(*) FROM %1$s WHERE %4$s AND (%2$s) < $1 AND (%3$s)',
        rule.place, rule.over, rule.held, meant) INTO kept USING since;
END
$$;
