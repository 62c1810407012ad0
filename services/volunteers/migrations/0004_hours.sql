-- Stints as they happened, and the ledger of credited minutes, which only grows (V14-V18).

CREATE TABLE stint (
    stint_id        uuid PRIMARY KEY,
    shift_id        uuid NOT NULL REFERENCES shift,
    volunteer_id    uuid NOT NULL REFERENCES volunteer,
    person_id       uuid NOT NULL,
    unit_id         uuid NOT NULL,
    region          char(12) COLLATE "C" NOT NULL,
    shift_starts_at timestamptz NOT NULL,
    shift_ends_at   timestamptz NOT NULL,
    status          text NOT NULL CHECK (status IN ('open', 'closed', 'auto_closed', 'credited', 'rejected')),
    grade           text NOT NULL,
    checked_in_at   timestamptz NOT NULL,
    checked_out_at  timestamptz,
    service_date    date NOT NULL,
    minutes         int CHECK (minutes BETWEEN 0 AND 1440),
    opened_by       text NOT NULL,
    closed_by       text,
    rejected_by     text,
    rejected_for    text,
    version         int NOT NULL,
    CONSTRAINT out_after_in CHECK (checked_out_at >= checked_in_at),
    CONSTRAINT closed_whole CHECK (
        (status = 'open') = (checked_out_at IS NULL)
        AND (status = 'open') = (minutes IS NULL)
        AND (status = 'open') = (closed_by IS NULL)),
    CONSTRAINT rejection_is_explained CHECK (
        (status = 'rejected') = (rejected_by IS NOT NULL) AND (status = 'rejected') = (rejected_for IS NOT NULL)),
    -- An open stint has no end yet: while it lasts, no other one can begin.
    CONSTRAINT one_stint_at_a_time EXCLUDE USING gist (
        person_id WITH =, tstzrange(checked_in_at, checked_out_at) WITH &&)
);
CREATE INDEX stint_to_approve ON stint (region, checked_in_at, stint_id) WHERE status IN ('closed', 'auto_closed');
CREATE INDEX stint_pending ON stint (volunteer_id, service_date) WHERE status IN ('closed', 'auto_closed');

CREATE TABLE hours_entry (
    entry_id     uuid PRIMARY KEY,
    volunteer_id uuid NOT NULL REFERENCES volunteer,
    person_id    uuid NOT NULL,
    stint_id     uuid NOT NULL REFERENCES stint,
    unit_id      uuid NOT NULL,
    region       char(12) COLLATE "C" NOT NULL,
    service_date date NOT NULL,
    minutes      int NOT NULL,
    grade        text NOT NULL,
    rule         text NOT NULL,
    reverses     uuid CONSTRAINT reversed_once UNIQUE REFERENCES hours_entry,
    decided_by   text NOT NULL,
    decided_at   timestamptz NOT NULL,
    CONSTRAINT reversals_alone_are_negative CHECK (CASE WHEN reverses IS NULL THEN minutes >= 0 ELSE minutes <= 0 END)
);
CREATE UNIQUE INDEX credited_once ON hours_entry (stint_id) WHERE reverses IS NULL;
CREATE INDEX hours_of_volunteer ON hours_entry (volunteer_id, service_date);
CREATE INDEX hours_of_day ON hours_entry (person_id, service_date) INCLUDE (minutes);
CREATE INDEX hours_of_region ON hours_entry (region, service_date) INCLUDE (person_id, grade, minutes);

-- What was credited is never edited: a reversal is a new line (V16).
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE, DELETE ON hours_entry FROM %I', current_database());
    END IF;
END
$$;
