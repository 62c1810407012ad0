-- Terms of enrolment: quotas, approval, draws, confirmation anew after a move, standing. A session without terms has no
-- row in any of the new tables. `drawn_at` is read under the session's lock: nobody enters a draw that is held.
ALTER TABLE session
    ADD COLUMN terms jsonb,
    ADD COLUMN commitment text,
    ADD COLUMN drawn_at timestamptz,
    ADD COLUMN capacity_version int NOT NULL DEFAULT 0,
    ADD COLUMN queue_version int NOT NULL DEFAULT 0;

-- Where its people live, for sessions that are for an area alone; the region of the fact that registered them.
ALTER TABLE person ADD COLUMN region char(12) COLLATE "C";

-- `turn` orders the queue after a draw, before whoever came later. `from_group` and `from_walk_in` are the seats that
-- are not of the open quota. `reconfirm_by` is set while a moved session waits to be confirmed anew.
ALTER TABLE enrolment
    ADD COLUMN household text,
    ADD COLUMN minors int NOT NULL DEFAULT 0,
    ADD COLUMN from_group int NOT NULL DEFAULT 0,
    ADD COLUMN from_walk_in int NOT NULL DEFAULT 0,
    ADD COLUMN turn bigint,
    ADD COLUMN reason text,
    ADD COLUMN reconfirm_by timestamptz,
    ADD COLUMN late boolean NOT NULL DEFAULT false,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT enrolment_status_check, -- replaced by a longer list
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT enrolment_ending_check,
    ADD CONSTRAINT enrolment_status CHECK (status IN ('confirmed', 'waiting', 'offered', 'withdrawn', 'cancelled',
        'requested', 'under_review', 'entered')) NOT VALID,
    ADD CONSTRAINT enrolment_ending CHECK (ending IN
        ('withdrawn', 'declined', 'lapsed', 'refused', 'unconfirmed', 'not-drawn')) NOT VALID,
    ADD CONSTRAINT shares_of_its_seats CHECK (from_group >= 0 AND from_walk_in >= 0 AND minors >= 0
        AND from_group + from_walk_in <= seats AND minors <= seats) NOT VALID;

ALTER TABLE queue_step
    ADD COLUMN short_of text,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT queue_step_step_check, -- replaced by a longer list
    ADD CONSTRAINT queue_step_step CHECK (step IN ('placed', 'queued', 'skipped', 'offered', 'accepted', 'declined',
        'lapsed', 'withdrawn', 'requested', 'approved', 'refused', 'entered', 'not-drawn', 'changed', 'asked-again',
        'reconfirmed', 'unconfirmed')) NOT VALID;

-- Quotas of a session: `open`, `child`, `walk-in`, `group-<kind>`. Whoever writes here has locked the session's row.
CREATE TABLE quota (
    session_id uuid NOT NULL REFERENCES session ON DELETE CASCADE,
    name       text NOT NULL,
    seats      int NOT NULL,
    taken      int NOT NULL DEFAULT 0,
    region     char(12) COLLATE "C" NOT NULL,
    PRIMARY KEY (session_id, name),
    CONSTRAINT exact_quota CHECK (taken BETWEEN 0 AND seats)
);
CALL open_rows('quota');

-- The seed is nobody's to see before the draw is held: it is read by the draw alone, and shown by get-draw afterwards.
CREATE TABLE draw (
    session_id uuid PRIMARY KEY REFERENCES session,
    seed       text NOT NULL,
    commitment text NOT NULL,
    closes_at  timestamptz NOT NULL,
    allocation text NOT NULL CHECK (allocation IN ('lottery', 'need_first')),
    held_at    timestamptz,
    region     char(12) COLLATE "C" NOT NULL,
    CONSTRAINT commitment_binds CHECK (commitment = encode(sha256(seed::bytea), 'hex'))
);
CALL own_rows('draw');

CREATE TABLE draw_entry (
    session_id   uuid NOT NULL REFERENCES draw,
    enrolment_id uuid NOT NULL,
    rank         int NOT NULL,
    lot          text NOT NULL,
    region       char(12) COLLATE "C" NOT NULL,
    PRIMARY KEY (session_id, enrolment_id)
);
CALL own_rows('draw_entry');

-- Standing of a contact with one host.
CREATE TABLE standing (
    standing_id     uuid PRIMARY KEY,
    unit_id         uuid NOT NULL,
    person_id       uuid NOT NULL,
    suspended_until timestamptz,
    version         int NOT NULL,
    region          char(12) COLLATE "C" NOT NULL,
    CONSTRAINT one_standing_a_host UNIQUE (unit_id, person_id)
);
CREATE INDEX standing_person ON standing (person_id);
CALL own_rows('standing');

-- An enrolment of which nobody came, or that was given back late. `counted_at`: it has led to a suspension and counts no
-- more; `cleared_at`: an appeal against it was upheld.
CREATE TABLE absence (
    enrolment_id uuid PRIMARY KEY,
    session_id   uuid NOT NULL,
    unit_id      uuid NOT NULL,
    person_id    uuid NOT NULL,
    at           timestamptz NOT NULL,
    lapses_at    timestamptz NOT NULL CHECK (lapses_at > at),
    counted_at   timestamptz,
    cleared_at   timestamptz,
    region       char(12) COLLATE "C" NOT NULL
);
CREATE INDEX absence_person ON absence (unit_id, person_id, lapses_at);
CALL own_rows('absence');

CREATE TABLE appeal (
    appeal_id   uuid PRIMARY KEY,
    standing_id uuid NOT NULL,
    person_id   uuid NOT NULL,
    reason      text NOT NULL,
    asked_by    text NOT NULL,
    asked_at    timestamptz NOT NULL,
    status      text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'upheld', 'dismissed')),
    decided_by  text,
    decided_at  timestamptz,
    region      char(12) COLLATE "C" NOT NULL,
    CONSTRAINT decided_by_somebody_else CHECK (decided_by <> asked_by AND decided_by <> person_id::text),
    CONSTRAINT decided_is_signed CHECK ((status <> 'open') = (decided_by IS NOT NULL AND decided_at IS NOT NULL))
);
CREATE UNIQUE INDEX one_open_appeal ON appeal (standing_id) WHERE status = 'open';
CALL own_rows('appeal');
