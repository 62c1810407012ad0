-- Planning: calendar data, closing days, drafts, moved and amended sessions, templates, cadence, plans from a sheet.
-- Who holds a room is a table of its own, kept in step with `session` by triggers: there a constraint says that nobody
-- else holds it, set-up and clear-up included, whatever the site. Sessions that change rooms with each other are
-- judged when both have moved.

ALTER TABLE programme
    ADD COLUMN kind text NOT NULL DEFAULT 'brand',
    ADD COLUMN year int,
    ADD COLUMN members int;

ALTER TABLE series
    ADD COLUMN title text,
    ADD COLUMN recurrence text,
    ADD COLUMN version int NOT NULL DEFAULT 0;

ALTER TABLE session
    ADD COLUMN supplier_unit_id uuid,
    ADD COLUMN mode text NOT NULL DEFAULT 'in_person',
    ADD COLUMN join_link text,
    ADD COLUMN set_up int NOT NULL DEFAULT 0,
    ADD COLUMN clear_up int NOT NULL DEFAULT 0,
    ADD COLUMN expected_heads int,
    ADD COLUMN series_day date,
    ADD COLUMN amended text[] NOT NULL DEFAULT '{}';

-- A draft is a session without public facts: version 0, nobody enrolled.
-- Widened, not lost: the next statement knows one state more.
-- squawk-ignore ban-drop-constraint
ALTER TABLE session DROP CONSTRAINT session_status_check;
ALTER TABLE session ADD CONSTRAINT session_status_known
    CHECK (status IN ('drafted', 'published', 'closed', 'cancelled')) NOT VALID;
ALTER TABLE session ADD CONSTRAINT draft_is_empty
    CHECK (status <> 'drafted' OR (version = 0 AND seats_taken = 0 AND waiting = 0)) NOT VALID;

CREATE TABLE room_use (
    session_id uuid PRIMARY KEY,
    room_id    uuid NOT NULL,
    during     tstzrange NOT NULL,
    CONSTRAINT one_use_of_a_room EXCLUDE USING gist (room_id WITH =, during WITH &&)
        DEFERRABLE INITIALLY IMMEDIATE
);

CREATE FUNCTION sessions_take_rooms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO room_use (session_id, room_id, during)
    SELECT session_id, room_id,
        tstzrange(starts_at - make_interval(mins => set_up), ends_at + make_interval(mins => clear_up))
    FROM planned WHERE status <> 'cancelled';
    RETURN NULL;
END
$$;
CREATE TRIGGER takes_room AFTER INSERT ON session REFERENCING NEW TABLE AS planned
    FOR EACH STATEMENT EXECUTE FUNCTION sessions_take_rooms();

CREATE FUNCTION session_changes_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'cancelled' THEN
        DELETE FROM room_use WHERE session_id = NEW.session_id;
    ELSE
        INSERT INTO room_use AS held (session_id, room_id, during)
        VALUES (NEW.session_id, NEW.room_id, tstzrange(NEW.starts_at - make_interval(mins => NEW.set_up),
                                                       NEW.ends_at + make_interval(mins => NEW.clear_up)))
        ON CONFLICT (session_id) DO UPDATE SET room_id = EXCLUDED.room_id, during = EXCLUDED.during
        WHERE (held.room_id, held.during) IS DISTINCT FROM (EXCLUDED.room_id, EXCLUDED.during);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER changes_room AFTER UPDATE OF room_id, starts_at, ends_at, set_up, clear_up, status ON session
    FOR EACH ROW EXECUTE FUNCTION session_changes_room();

CREATE FUNCTION session_leaves_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM room_use WHERE session_id = OLD.session_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER leaves_room AFTER DELETE ON session FOR EACH ROW EXECUTE FUNCTION session_leaves_room();

-- The State Council's notice of a year that the shipped calendar does not know, or knows wrongly: it goes before.
CREATE TABLE holiday_notice (
    year            int PRIMARY KEY,
    holiday_year_id uuid NOT NULL UNIQUE,
    days_off        date[] NOT NULL,
    names           text[] NOT NULL CHECK (cardinality(names) = cardinality(days_off)),
    worked          date[] NOT NULL,
    source          text NOT NULL,
    version         int NOT NULL
);

CREATE TABLE term (
    term_id   uuid PRIMARY KEY,
    region    char(12) COLLATE "C" NOT NULL,
    name      text NOT NULL,
    first_day date NOT NULL,
    last_day  date NOT NULL CHECK (last_day >= first_day),
    version   int NOT NULL,
    CONSTRAINT one_term_at_a_time EXCLUDE USING gist
        (region WITH =, daterange(first_day, last_day, '[]') WITH &&)
);
CALL open_rows('term');

CREATE TABLE closing (
    closing_id uuid PRIMARY KEY,
    site_id    uuid NOT NULL,
    region     char(12) COLLATE "C" NOT NULL,
    first_day  date NOT NULL,
    last_day   date NOT NULL CHECK (last_day >= first_day),
    reason     text NOT NULL,
    withdrawn  boolean NOT NULL DEFAULT false,
    version    int NOT NULL
);
CREATE INDEX closing_site ON closing (site_id, last_day);
CALL open_rows('closing');

CREATE TABLE session_template (
    template_id uuid PRIMARY KEY,
    name        text NOT NULL,
    unit_id     uuid NOT NULL,
    region      char(12) COLLATE "C" NOT NULL,
    design      jsonb NOT NULL
);
CREATE INDEX session_template_region ON session_template (region, template_id);
CALL open_rows('session_template');

CREATE TABLE cadence (
    site_id   uuid NOT NULL,
    rule      text NOT NULL CHECK (rule IN ('weekly-1', 'monthly-1')),
    first_day date NOT NULL,
    last_day  date NOT NULL,
    region    char(12) COLLATE "C" NOT NULL,
    outcome   text NOT NULL CHECK (outcome IN ('kept', 'broken', 'excused', 'unjudged')),
    judged_at timestamptz NOT NULL,
    CONSTRAINT judged_once PRIMARY KEY (site_id, rule, first_day)
);
CREATE INDEX cadence_region ON cadence (region, first_day);
CREATE INDEX cadence_unjudged ON cadence (first_day) WHERE outcome = 'unjudged';
CALL own_rows('cadence');

CREATE TABLE plan_upload (
    upload_id uuid PRIMARY KEY,
    plan_id   uuid NOT NULL,
    region    char(12) COLLATE "C" NOT NULL,
    status    text NOT NULL CHECK (status IN ('drafted', 'applied', 'undone')),
    rows      jsonb NOT NULL,
    applied   jsonb
);
CREATE INDEX plan_upload_plan ON plan_upload (plan_id);
CALL own_rows('plan_upload');

-- Sites that opened before cadence was watched: from now on, at the end of the week and the month.
SELECT set_config('app.scope', 'all', true);
INSERT INTO timer (kind, key, due_at)
SELECT kind, site_id, (date_trunc(unit, now() AT TIME ZONE 'Asia/Shanghai') + step) AT TIME ZONE 'Asia/Shanghai'
FROM site, (VALUES ('cadence-week', 'week', interval '1 week'), ('cadence-month', 'month', interval '1 month'))
    AS watched (kind, unit, step)
WHERE NOT closed
ON CONFLICT DO NOTHING;
