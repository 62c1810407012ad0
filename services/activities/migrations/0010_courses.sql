-- Rules of series that change (A2), projects that are named (R8), courses taken by pass (A33), households that are
-- visited (A36).

-- What the rule of a series was asked with, so that what a change leaves out stays. `called_off` are days on which a
-- session was called off or discarded by hand: no later rule brings them back by itself (A3).
ALTER TABLE series
    ADD COLUMN also_on date[] NOT NULL DEFAULT '{}',
    ADD COLUMN skip_holidays boolean NOT NULL DEFAULT false,
    ADD COLUMN make_up_days text NOT NULL DEFAULT 'ignore',
    ADD COLUMN term_days text NOT NULL DEFAULT 'any',
    ADD COLUMN called_off date[] NOT NULL DEFAULT '{}',
    ADD COLUMN cancelled_at timestamptz;

-- The project (registry's) that pays for a programme, or for one session of it. Names that no statement of the release
-- before uses of another table beside these.
ALTER TABLE session ADD COLUMN paid_by uuid;
ALTER TABLE programme
    ADD COLUMN paid_by uuid,
    ADD COLUMN revision int NOT NULL DEFAULT 1;

-- A children's home is free of charge. Told by registry; unknown of sites that opened before, until the replica is
-- built anew.
ALTER TABLE site ADD COLUMN site_type text;

-- Programmes and series whose sessions are entered by pass alone.
CREATE TABLE pass_rule (
    course_id uuid PRIMARY KEY,
    kind      text NOT NULL CHECK (kind IN ('programme', 'series')),
    by_pass    boolean NOT NULL,
    version   int NOT NULL,
    region    char(12) COLLATE "C" NOT NULL
);

CREATE TABLE course_pass (
    pass_id     uuid PRIMARY KEY,
    person_id   uuid NOT NULL,
    site_id     uuid NOT NULL,
    course_id   uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('programme', 'series')),
    visits      int NOT NULL CHECK (visits BETWEEN 1 AND 1000),
    used        int NOT NULL DEFAULT 0,
    valid_until date NOT NULL,
    price_cents int NOT NULL CHECK (price_cents >= 0),
    receipt     text,
    issued_by   text NOT NULL,
    issued_at   timestamptz NOT NULL,
    ended_at    timestamptz,
    version     int NOT NULL,
    region      char(12) COLLATE "C" NOT NULL,
    CONSTRAINT exact_visits CHECK (used BETWEEN 0 AND visits)
);
CREATE INDEX course_pass_person ON course_pass (person_id, site_id);

-- One visit of a pass each; one that was given back remains as a trace.
CREATE TABLE pass_use (
    attendance_id uuid PRIMARY KEY,
    pass_id       uuid NOT NULL,
    session_id    uuid NOT NULL,
    person_id     uuid NOT NULL,
    used_at       timestamptz NOT NULL,
    returned_at   timestamptz,
    region        char(12) COLLATE "C" NOT NULL
);
CREATE INDEX pass_use_pass ON pass_use (pass_id);
CREATE UNIQUE INDEX one_use_a_session ON pass_use (session_id, person_id) WHERE returned_at IS NULL;

-- A household that was visited, by whom, what was found (codes). What somebody wrote of it stands apart.
CREATE TABLE visit (
    visit_id     uuid PRIMARY KEY,
    unit_id      uuid NOT NULL,
    programme_id uuid,
    contact_id   uuid,
    visitors     uuid[] NOT NULL CHECK (cardinality(visitors) > 0),
    visited_at   timestamptz NOT NULL,
    outcome      text NOT NULL,
    people_met   int NOT NULL CHECK (people_met >= 0),
    findings     text[] NOT NULL,
    recorded_by  text NOT NULL,
    recorded_at  timestamptz NOT NULL,
    version      int NOT NULL,
    region       char(12) COLLATE "C" NOT NULL,
    CONSTRAINT met_is_named CHECK (outcome <> 'met' OR (contact_id IS NOT NULL AND people_met > 0))
);
CREATE INDEX visit_region ON visit (region, visited_at, visit_id);
CREATE INDEX visit_contact ON visit (contact_id, visited_at) WHERE contact_id IS NOT NULL;

-- Erased when its time is over; in no event, no log, read by one statement.
CREATE TABLE visit_note (
    visit_id uuid PRIMARY KEY,
    text     text NOT NULL,
    until    date NOT NULL,
    region   char(12) COLLATE "C" NOT NULL
);

CREATE TABLE follow_up (
    follow_up_id uuid PRIMARY KEY,
    visit_id     uuid NOT NULL REFERENCES visit,
    measure      text NOT NULL,
    assignee_id  uuid NOT NULL,
    due_on       date NOT NULL,
    status       text NOT NULL CHECK (status IN ('open', 'overdue', 'done', 'dropped')),
    result       text,
    closed_by    text,
    closed_at    timestamptz,
    version      int NOT NULL,
    region       char(12) COLLATE "C" NOT NULL,
    CONSTRAINT closed_is_signed CHECK ((status IN ('done', 'dropped')) = (closed_by IS NOT NULL AND closed_at IS NOT NULL
        AND result IS NOT NULL))
);
CREATE INDEX follow_up_visit ON follow_up (visit_id);
CREATE INDEX follow_up_due ON follow_up (region, due_on) WHERE status IN ('open', 'overdue');

CALL open_rows('pass_rule');
CALL own_rows('course_pass');
CALL own_rows('pass_use');
CALL own_rows('visit');
CALL own_rows('visit_note');
CALL own_rows('follow_up');
