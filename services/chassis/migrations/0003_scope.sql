-- Row-level security: the second net under every rule (promise 11). A transaction says in whose scope it works by
-- `SET LOCAL app.scope`: the digits that all codes of a subtree begin with, `all` for the service itself, `public` for
-- somebody unknown. Anything else, and nothing at all, is no scope: no protected row is seen, and none is written.

-- Once a setting was local to a transaction it is left empty, not missing, and an empty prefix would be everything.
CREATE FUNCTION scope_setting() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('app.scope', true), '')
$$;

CREATE FUNCTION scope_from() RETURNS bpchar LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN scope_setting() = 'all' THEN ''
                WHEN scope_setting() ~ '^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$' THEN scope_setting() END::bpchar
$$;

CREATE FUNCTION scope_until() RETURNS bpchar LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (scope_from()::text || '~')::bpchar
$$;

CREATE FUNCTION scope_is_set() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT scope_setting() = 'public' OR scope_from() IS NOT NULL
$$;

-- The condition that a code lies in the scope. As sub-selects its ends are found once a statement, and an index serves.
CREATE FUNCTION in_scope(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('%1$s >= (SELECT scope_from()) AND %1$s < (SELECT scope_until())', code)
$$;

-- Rows that are seen and written in their own region alone.
CREATE PROCEDURE own_rows(place regclass, holds text DEFAULT in_scope('region')) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', place);
    EXECUTE format('CREATE POLICY own ON %s USING (%s)', place, holds);
END
$$;

-- A row that is open to all never leaves its region, unless the service itself moves it: else whoever may lock it could
-- take it over by an update that moves it home. Fires only where that very column is set.
CREATE FUNCTION stays_where_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF scope_from() = '' THEN
        RETURN NEW;
    END IF;
    RAISE insufficient_privilege USING MESSAGE = format('a row of %s does not leave its region', TG_TABLE_NAME);
END
$$;

-- Rows that whoever has a scope may read, and lock while deciding, but that are written in their own region alone.
CREATE PROCEDURE open_rows(place regclass, holds text DEFAULT in_scope('region'), fixed text DEFAULT 'region')
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', place);
    EXECUTE format('CREATE POLICY read ON %s FOR SELECT USING ((SELECT scope_is_set()))', place);
    EXECUTE format('CREATE POLICY add ON %s FOR INSERT WITH CHECK (%s)', place, holds);
    EXECUTE format('CREATE POLICY change ON %s FOR UPDATE USING ((SELECT scope_is_set())) WITH CHECK (%s)', place, holds);
    EXECUTE format('CREATE POLICY remove ON %s FOR DELETE USING (%s)', place, holds);
    IF fixed <> '' THEN
        EXECUTE format('CREATE TRIGGER stays BEFORE UPDATE OF %1$I ON %2$s FOR EACH ROW
                        WHEN (OLD.%1$I IS DISTINCT FROM NEW.%1$I) EXECUTE FUNCTION stays_where_it_is()', fixed, place);
    END IF;
END
$$;

-- What other services told: whoever has a scope may read it, the service itself alone writes it.
CREATE PROCEDURE told_rows(place regclass) LANGUAGE sql AS $$
    CALL open_rows(place, '(SELECT scope_from()) = ''''', '')
$$;
