-- What registry said of sites and people, and what activities owns: programmes, sessions, enrolment and its queue,
-- attendance. Tables that a hot command fills carry no foreign keys: every writer holds the session's row lock. They
-- carry the session's region, so that row-level security compares a column and looks nothing up.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Replicas: rebuilt from registry's events at any time, so nothing points at them.
CREATE TABLE site (
    site_id uuid PRIMARY KEY,
    name    text NOT NULL,
    unit_id uuid NOT NULL,
    region  char(12) COLLATE "C" NOT NULL,
    rooms   jsonb NOT NULL,
    hours   jsonb NOT NULL,
    closed  boolean NOT NULL DEFAULT false
);

CREATE TABLE person (
    person_id   uuid PRIMARY KEY,
    age_band    text NOT NULL,
    guardian_id uuid,
    consented   boolean NOT NULL DEFAULT false
);

CREATE TABLE programme (
    programme_id uuid PRIMARY KEY,
    name         text NOT NULL,
    theme        text,
    parent_id    uuid REFERENCES programme,
    unit_id      uuid NOT NULL,
    region       char(12) COLLATE "C" NOT NULL
);

CREATE TABLE series (
    series_id    uuid PRIMARY KEY,
    programme_id uuid NOT NULL REFERENCES programme,
    region       char(12) COLLATE "C" NOT NULL,
    first_day    date NOT NULL,
    last_day     date NOT NULL,
    weekdays     int[] NOT NULL,
    begins       time NOT NULL,
    ends         time NOT NULL,
    except_on    date[] NOT NULL
);

CREATE TABLE session (
    session_id    uuid PRIMARY KEY,
    series_id     uuid REFERENCES series,
    programme_id  uuid NOT NULL REFERENCES programme,
    site_id       uuid NOT NULL,
    room_id       uuid NOT NULL,
    unit_id       uuid NOT NULL,
    region        char(12) COLLATE "C" NOT NULL,
    title         text NOT NULL,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL CHECK (ends_at > starts_at),
    capacity      int NOT NULL,
    audience      text[] NOT NULL,
    queue_open    boolean NOT NULL,
    permit_number text,
    seats_taken   int NOT NULL DEFAULT 0,
    waiting       int NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    status        text NOT NULL CHECK (status IN ('published', 'closed', 'cancelled')),
    person_times  int,
    persons       int,
    version       int NOT NULL,
    CONSTRAINT exact_capacity CHECK (seats_taken BETWEEN 0 AND capacity),
    CONSTRAINT closed_is_counted CHECK ((status = 'closed') = (person_times IS NOT NULL AND persons IS NOT NULL)),
    CONSTRAINT one_session_a_room EXCLUDE USING gist
        (room_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status <> 'cancelled')
);
CREATE INDEX session_start ON session (starts_at, session_id);
CREATE INDEX session_site ON session (site_id, starts_at);
CREATE INDEX session_counted ON session (region, starts_at) WHERE status = 'closed';

-- `arrival` orders the queue: it is given under the session's lock.
CREATE TABLE enrolment (
    enrolment_id uuid PRIMARY KEY,
    arrival      bigint GENERATED ALWAYS AS IDENTITY,
    session_id   uuid NOT NULL,
    contact_id   uuid NOT NULL,
    people       uuid[] NOT NULL,
    seats        int NOT NULL CHECK (seats = cardinality(people) AND seats > 0),
    status       text NOT NULL CHECK (status IN ('confirmed', 'waiting', 'offered', 'withdrawn', 'cancelled')),
    ending       text CHECK (ending IN ('withdrawn', 'declined', 'lapsed')),
    answer_by    timestamptz,
    version      int NOT NULL,
    region       char(12) COLLATE "C" NOT NULL,
    CONSTRAINT offer_has_deadline CHECK (status <> 'offered' OR answer_by IS NOT NULL),
    CONSTRAINT ending_is_named CHECK ((status = 'withdrawn') = (ending IS NOT NULL))
);
CREATE INDEX enrolment_session ON enrolment (session_id, arrival);

-- Who has, is offered or awaits a seat in a session: the net under `already-enrolled`.
CREATE TABLE participant (
    session_id   uuid NOT NULL,
    person_id    uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    region       char(12) COLLATE "C" NOT NULL,
    CONSTRAINT one_place_a_person PRIMARY KEY (session_id, person_id)
);

-- Why whom: the fairness log.
CREATE TABLE queue_step (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id   uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    at           timestamptz NOT NULL,
    step         text NOT NULL CHECK (step IN
        ('placed', 'queued', 'skipped', 'offered', 'accepted', 'declined', 'lapsed', 'withdrawn')),
    seats_wanted int NOT NULL,
    seats_free   int NOT NULL,
    region       char(12) COLLATE "C" NOT NULL
);
CREATE INDEX queue_step_session ON queue_step (session_id, id);

-- One stay of a person in a session; times are those of the scanning device. A reverted stay remains as a trace.
CREATE TABLE attendance (
    attendance_id  uuid PRIMARY KEY,
    session_id     uuid NOT NULL,
    person_id      uuid NOT NULL,
    checked_in_at  timestamptz NOT NULL,
    checked_out_at timestamptz CHECK (checked_out_at >= checked_in_at),
    reverted_at    timestamptz,
    reverted_by    text,
    version        int NOT NULL,
    region         char(12) COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX one_attendance_a_person ON attendance (session_id, person_id) WHERE reverted_at IS NULL;

-- Every scan that counted, with both clocks; the same scan uploaded again finds itself here.
CREATE TABLE scan (
    client_id     uuid NOT NULL,
    session_id    uuid NOT NULL,
    person_id     uuid NOT NULL,
    mark          text NOT NULL CHECK (mark IN ('check_in', 'check_out')),
    method        text NOT NULL,
    attendance_id uuid NOT NULL,
    occurred_at   timestamptz NOT NULL,
    received_at   timestamptz NOT NULL,
    region        char(12) COLLATE "C" NOT NULL,
    CONSTRAINT counted_once PRIMARY KEY (client_id, session_id, person_id, mark)
);

-- The runtime role adds to these two and reads them; what happened is not its to rewrite.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON queue_step, scan FROM %I', current_database());
    END IF;
END
$$;
