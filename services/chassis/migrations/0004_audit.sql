-- The audit log of a service (promise 14): who read a minor's record, was refused, approved, or changed who may do what.
-- Rows are codes and ids, never values. They are added in the transaction they tell of, and sealed a moment later by one
-- process: `seq` and `hash` chain them in the order in which they were found (docs/decisions/0014).

CREATE TABLE audit (
    id     bigint GENERATED ALWAYS AS IDENTITY,
    at     timestamptz NOT NULL,
    action text NOT NULL CHECK (action ~ '^[a-z]+(-[a-z]+)*$'),
    actor  text NOT NULL CHECK (actor ~ '^[0-9A-Za-z:._-]{1,80}$'),
    -- Whose record it is, and the case, unit, session or key it was about.
    about  uuid,
    thing  uuid,
    region char(12) COLLATE "C" NOT NULL CHECK (region ~ '^[0-9]{12}$'),
    reason text NOT NULL DEFAULT '' CHECK (reason ~ '^[0-9a-z._-]{0,60}$'),
    -- The message by which it was done, and how many like it this row stands for.
    cause  uuid,
    times  int NOT NULL DEFAULT 1 CHECK (times > 0),
    seq    bigint,
    hash   bytea,
    CONSTRAINT sealed_whole CHECK ((seq IS NULL) = (hash IS NULL)),
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_unsealed ON audit (id) WHERE seq IS NULL;
CREATE INDEX audit_about ON audit (about, id) WHERE about IS NOT NULL;
CREATE TABLE months.audit_rest PARTITION OF audit DEFAULT;
CREATE UNIQUE INDEX ON months.audit_rest (seq);

-- The last link of the chain; no row before the first.
CREATE TABLE audit_head (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq  bigint NOT NULL,
    hash bytea NOT NULL
);

-- Links whose rows went with a month that was kept long enough: those that the chain of what remains still leans on.
CREATE TABLE audit_stub (
    seq  bigint PRIMARY KEY,
    hash bytea NOT NULL
);

-- What is hashed of a row. Codes and ids hold no `|`, so no two rows have one text. Written anew in
-- services/chassis/audit.py: whoever verifies does not trust a function of the database.
CREATE FUNCTION audit_text(it audit, place bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat(place, '|', it.id, '|', (extract(epoch FROM it.at) * 1000000)::bigint, '|', it.action, '|', it.actor,
                  '|', it.about, '|', it.thing, '|', it.region, '|', it.reason, '|', it.cause, '|', it.times)
$$;

-- Chains rows that are not yet sealed, oldest first, at most so many. Returns how many.
CREATE FUNCTION seal_audit(most int) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    own    text := current_setting('app.scope', true);
    place  bigint := 0;
    link   bytea := sha256('');
    row    audit;
    ids     bigint[] := '{}';
    moments timestamptz[] := '{}';
    places  bigint[] := '{}';
    links   bytea[] := '{}';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('linli-audit'));
    PERFORM set_config('app.scope', 'all', true);
    SELECT head.seq, head.hash INTO place, link FROM audit_head AS head;
    IF NOT FOUND THEN
        place := 0;
        link := sha256('');
    END IF;
    FOR row IN SELECT * FROM audit WHERE seq IS NULL ORDER BY id LIMIT most LOOP
        place := place + 1;
        link := sha256(link || convert_to(audit_text(row, place), 'UTF8'));
        ids := ids || row.id;
        moments := moments || row.at;
        places := places || place;
        links := links || link;
    END LOOP;
    IF cardinality(ids) > 0 THEN
        UPDATE audit SET seq = sealed.seq, hash = sealed.hash
        FROM unnest(ids, moments, places, links) AS sealed (id, at, seq, hash)
        WHERE audit.id = sealed.id AND audit.at = sealed.at
            AND audit.at BETWEEN (SELECT min(at) FROM unnest(moments) AS at)
                AND (SELECT max(at) FROM unnest(moments) AS at);
        INSERT INTO audit_head (seq, hash) VALUES (place, link)
        ON CONFLICT (one) DO UPDATE SET seq = EXCLUDED.seq, hash = EXCLUDED.hash;
    END IF;
    PERFORM set_config('app.scope', own, true);
    RETURN cardinality(ids);
END
$$;

-- Whoever has a scope may add a row, wherever what it tells of lies; one is read in its own region alone.
ALTER TABLE audit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DO $$
BEGIN
    EXECUTE format('CREATE POLICY read ON audit FOR SELECT USING (%s)', in_scope('region'));
END
$$;
CREATE POLICY add ON audit FOR INSERT WITH CHECK ((SELECT scope_is_set()));
CREATE POLICY seal ON audit FOR UPDATE USING ((SELECT scope_from()) = '');

-- Three years and a month at least (PIPL 56; Network Data Security Regulation 12); 0 keeps for ever. The one row there
-- is has the default and need not be looked at.
ALTER TABLE retention ADD COLUMN audit_days int NOT NULL DEFAULT 1127;
ALTER TABLE retention ADD CONSTRAINT audit_outlives_law CHECK (audit_days = 0 OR audit_days >= 1127) NOT VALID;

-- As in 0002_months.sql, with the audit log.
CREATE OR REPLACE FUNCTION make_months(moment timestamptz) RETURNS SETOF text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
    this timestamptz := date_trunc('month', moment);
    kept record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('linli-months'));
    FOR kept IN
        SELECT * FROM (VALUES ('outbox', 'at'), ('inbox', 'said_at'), ('audit', 'at')) AS kept (parent, key)
    LOOP
        RETURN QUERY EXECUTE format(
            'SELECT make_month(%L, %L, month) FROM (
                 SELECT generate_series($1, $1 + interval ''2 months'', interval ''1 month'') AS month UNION
                 SELECT date_trunc(''month'', %I) FROM months.%I WHERE %I < $1 + interval ''3 months'') AS wanted
             WHERE to_regclass(''months.'' || %L || to_char(month, ''_YYYY_MM'')) IS NULL ORDER BY month',
            kept.parent, kept.key, kept.key, kept.parent || '_rest', kept.key, kept.parent) USING this;
    END LOOP;
END
$$;

-- Before a month of the audit log goes: keeps the links that what remains still leans on, and forgets older ones.
CREATE FUNCTION keep_links(part text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    own   text := current_setting('app.scope', true);
    first bigint;
BEGIN
    PERFORM set_config('app.scope', 'all', true);
    EXECUTE format('INSERT INTO audit_stub (seq, hash) SELECT seq, hash FROM %s', part);
    SELECT min(seq) INTO first FROM audit WHERE tableoid <> to_regclass(part);
    DELETE FROM audit_stub WHERE seq < coalesce(first, (SELECT seq FROM audit_head) + 1) - 1;
    PERFORM set_config('app.scope', own, true);
END
$$;

CREATE OR REPLACE FUNCTION drop_months(moment timestamptz) RETURNS SETOF text LANGUAGE plpgsql
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
        FROM (VALUES ('outbox', policy.archive_days), ('inbox', policy.inbox_days), ('audit', policy.audit_days))
             AS kept (parent, days)
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
        ELSIF old.parent = 'audit' THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE seq IS NULL)', old.part) INTO waits;
        END IF;
        IF NOT waits THEN
            IF old.parent = 'audit' THEN
                PERFORM keep_links(old.part);
            END IF;
            EXECUTE format('DROP TABLE %s', old.part);
            RETURN NEXT old.part;
        END IF;
    END LOOP;
END
$$;

-- The runtime role adds what happened and asks for it to be sealed; it seals nothing itself, and takes nothing back.
REVOKE ALL ON FUNCTION seal_audit, keep_links FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit, audit_head, audit_stub FROM %I',
                       current_database());
        EXECUTE format('GRANT INSERT (at, action, actor, about, thing, region, reason, cause, times) ON audit TO %I',
                       current_database());
        EXECUTE format('GRANT EXECUTE ON FUNCTION seal_audit TO %I', current_database());
    END IF;
END
$$;

SELECT make_months(now());
