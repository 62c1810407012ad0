-- The door, children in care, and what volunteers and registry said of who is on duty (A17-A30).

-- What passes and on-site codes are derived from: 244 random bits, one row, made where the database is made.
CREATE TABLE door_key (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    secret bytea NOT NULL
);
INSERT INTO door_key (secret) VALUES (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

ALTER TABLE attendance
    ADD COLUMN walk_in boolean NOT NULL DEFAULT false,
    ADD COLUMN flagged boolean NOT NULL DEFAULT false,
    ADD COLUMN overdue_at timestamptz;
-- `skew_seconds` is what the device's clock was ahead by; `occurred_at` is already set right.
ALTER TABLE scan
    ADD COLUMN evidence text,
    ADD COLUMN minutes int,
    ADD COLUMN device_id uuid,
    ADD COLUMN skew_seconds int NOT NULL DEFAULT 0;
-- Why the gate is shut; empty where it is not.
ALTER TABLE session ADD COLUMN blocked text;

CREATE TABLE excuse (
    absence_id uuid PRIMARY KEY,
    session_id uuid NOT NULL,
    person_id  uuid NOT NULL,
    excused    boolean NOT NULL,
    at         timestamptz NOT NULL,
    by         text NOT NULL,
    version    int NOT NULL,
    region     char(12) COLLATE "C" NOT NULL,
    CONSTRAINT one_excuse_a_person UNIQUE (session_id, person_id)
);

-- Heads without names; of a session the last row counts, in the order given under the session's lock.
CREATE TABLE headcount (
    headcount_id uuid PRIMARY KEY,
    place        bigint GENERATED ALWAYS AS IDENTITY,
    session_id   uuid NOT NULL,
    heads        int NOT NULL CHECK (heads >= 0),
    method       text NOT NULL,
    evidence     text,
    declared_by  text NOT NULL,
    declared_at  timestamptz NOT NULL,
    region       char(12) COLLATE "C" NOT NULL
);
CREATE INDEX headcount_session ON headcount (session_id, place);

-- Programmes whose sessions take children into care.
CREATE TABLE care (
    care_id            uuid PRIMARY KEY,
    programme_id       uuid NOT NULL CONSTRAINT one_care_a_programme UNIQUE,
    children_per_adult int NOT NULL CHECK (children_per_adult > 0),
    least_adults       int NOT NULL CHECK (least_adults > 0),
    grace_minutes      int NOT NULL CHECK (grace_minutes >= 0),
    version            int NOT NULL,
    region             char(12) COLLATE "C" NOT NULL
);

-- What was last said of a session's gate, so that it is said again only when it changed.
CREATE TABLE gate (
    session_id  uuid PRIMARY KEY,
    reason      text,
    uncleared   uuid[] NOT NULL,
    substitutes uuid[] NOT NULL,
    looked_at   timestamptz NOT NULL,
    region      char(12) COLLATE "C" NOT NULL
);

-- Counts the facts of a child, whichever region they happen in: its lock puts them in order.
CREATE TABLE child (
    child_id uuid PRIMARY KEY,
    version  int NOT NULL
);

CREATE TABLE pick_up (
    pick_up_id uuid PRIMARY KEY,
    child_id   uuid NOT NULL,
    person_id  uuid NOT NULL,
    site_id    uuid NOT NULL,
    given_by   uuid NOT NULL,
    given_at   timestamptz NOT NULL,
    until      date,
    ended_at   timestamptz,
    version    int NOT NULL,
    region     char(12) COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX one_pick_up_a_person ON pick_up (child_id, person_id, site_id) WHERE ended_at IS NULL;

-- The signed record: the runtime role adds to it and reads it. `stay` is the attendance's version at leaving.
CREATE TABLE hand_over (
    hand_over_id  uuid PRIMARY KEY,
    session_id    uuid NOT NULL,
    child_id      uuid NOT NULL,
    attendance_id uuid NOT NULL,
    stay          int NOT NULL,
    received_by   uuid NOT NULL,
    handed_by     text NOT NULL,
    checked_by    uuid,
    signature     text NOT NULL,
    occurred_at   timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    region        char(12) COLLATE "C" NOT NULL,
    CONSTRAINT one_hand_over_a_stay UNIQUE (attendance_id, stay)
);
CREATE INDEX hand_over_child ON hand_over (child_id, received_by);

-- What a guardian told of a child's health, for one site. Erased when withdrawn, replaced or over; in no event, no log.
CREATE TABLE health_note (
    note_id  uuid PRIMARY KEY,
    child_id uuid NOT NULL,
    site_id  uuid NOT NULL,
    given_by uuid NOT NULL,
    given_at timestamptz NOT NULL,
    until    date NOT NULL,
    text     text NOT NULL,
    region   char(12) COLLATE "C" NOT NULL,
    CONSTRAINT one_note_a_child_and_site UNIQUE (child_id, site_id)
);

-- Replicas: of volunteers' facts who is on duty where and cleared until when, of registry's who keeps which unit's sites.
CREATE TABLE volunteer (
    volunteer_id uuid PRIMARY KEY,
    person_id    uuid NOT NULL,
    team_id      uuid NOT NULL,
    region       char(12) COLLATE "C" NOT NULL
);
CREATE INDEX volunteer_team ON volunteer (team_id);
CREATE INDEX volunteer_region ON volunteer (region);
CREATE INDEX volunteer_person ON volunteer (person_id);

CREATE TABLE shift (
    shift_id   uuid PRIMARY KEY,
    team_id    uuid NOT NULL,
    session_id uuid,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    region     char(12) COLLATE "C" NOT NULL
);
CREATE INDEX shift_session ON shift (session_id) WHERE session_id IS NOT NULL;

CREATE TABLE duty (
    assignment_id uuid PRIMARY KEY,
    shift_id      uuid NOT NULL,
    volunteer_id  uuid NOT NULL,
    person_id     uuid NOT NULL,
    released      boolean NOT NULL DEFAULT false,
    region        char(12) COLLATE "C" NOT NULL
);
CREATE INDEX duty_shift ON duty (shift_id);
CREATE INDEX duty_person ON duty (person_id);

CREATE TABLE clearance (
    clearance_id uuid PRIMARY KEY,
    volunteer_id uuid NOT NULL,
    person_id    uuid NOT NULL,
    kind         text NOT NULL,
    valid_until  date NOT NULL,
    ended        boolean NOT NULL DEFAULT false,
    region       char(12) COLLATE "C" NOT NULL
);
CREATE INDEX clearance_person ON clearance (person_id, kind);

CREATE TABLE keeper (
    appointment_id uuid PRIMARY KEY,
    person_id      uuid NOT NULL,
    unit_id        uuid NOT NULL,
    since          date NOT NULL,
    until          date,
    region         char(12) COLLATE "C" NOT NULL
);
CREATE INDEX keeper_unit ON keeper (unit_id);

CALL own_rows('excuse');
CALL own_rows('headcount');
CALL own_rows('gate');
CALL own_rows('pick_up');
CALL own_rows('hand_over');
CALL own_rows('health_note');
CALL own_rows('volunteer');
CALL own_rows('duty');
CALL own_rows('clearance');
CALL own_rows('keeper');
CALL open_rows('care');
CALL told_rows('shift');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON headcount, hand_over, door_key FROM %I', current_database());
        EXECUTE format('REVOKE INSERT ON door_key FROM %I', current_database());
    END IF;
END
$$;
