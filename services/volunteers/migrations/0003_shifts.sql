-- Shifts and who took a place in them. Nobody is in two places at once, whichever teams they belong to (V9).

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE shift (
    shift_id    uuid PRIMARY KEY,
    team_id     uuid NOT NULL REFERENCES team,
    unit_id     uuid NOT NULL,
    region      char(12) COLLATE "C" NOT NULL,
    session_id  uuid,
    title       text NOT NULL,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    needed      int NOT NULL,
    assigned    int NOT NULL DEFAULT 0,
    risk_notice text NOT NULL,
    cancelled   boolean NOT NULL DEFAULT false,
    version     int NOT NULL,
    CONSTRAINT ends_after_start CHECK (ends_at > starts_at),
    CONSTRAINT no_more_than_needed CHECK (assigned BETWEEN 0 AND needed)
);
CREATE INDEX shift_session ON shift (session_id) WHERE session_id IS NOT NULL;

CREATE TABLE assignment (
    assignment_id uuid PRIMARY KEY,
    shift_id      uuid NOT NULL REFERENCES shift,
    volunteer_id  uuid NOT NULL REFERENCES volunteer,
    person_id     uuid NOT NULL,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    active        boolean NOT NULL DEFAULT true,
    -- Also the moment at which the risk notice was acknowledged (条例 article 12).
    made_at       timestamptz NOT NULL,
    region        char(12) COLLATE "C" NOT NULL,
    version       int NOT NULL,
    CONSTRAINT once_a_shift UNIQUE (shift_id, volunteer_id),
    CONSTRAINT one_place_at_a_time EXCLUDE USING gist (person_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (active)
);
