-- Counts by the published rule (services/activities/counting/rules.py): who was counted in which session, the sums of
-- every period kept beside that in the same transaction, frozen numbers and what was adjusted since (A23 to A25, A53).

-- The rules that were in force, and the fewest people that one of their numbers may tell of.
CREATE TABLE count_rule (
    rule     text PRIMARY KEY,
    smallest int NOT NULL CHECK (smallest >= 1)
);
INSERT INTO count_rule (rule, smallest) VALUES ('attendance-count-1', 5);

-- A counted session, and the topics it stands under since then.
CREATE TABLE counted_session (
    session_id uuid PRIMARY KEY,
    site_id    uuid NOT NULL,
    project_id uuid,
    programmes uuid[] NOT NULL,
    day        date NOT NULL,
    declared   int NOT NULL DEFAULT 0 CHECK (declared >= 0),
    region     char(12) COLLATE "C" NOT NULL
);
CREATE INDEX counted_session_day ON counted_session (day, region);
CREATE INDEX counted_session_region ON counted_session (region, day);

-- Everything that changed numbers. `seq` is given under the lock of the tallies it changes: of two changes of one number
-- the later has the higher one, and a frozen number holds exactly those up to its mark.
CREATE TABLE count_change (
    change_id  uuid PRIMARY KEY,
    seq        bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT one_change_at_a_time UNIQUE,
    session_id uuid NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('counted', 'corrected')),
    reason     text NOT NULL,
    evidence   text,
    actor      text NOT NULL,
    at         timestamptz NOT NULL,
    region     char(12) COLLATE "C" NOT NULL
);

-- The facts of every number: one attendance each, from the change that counted it to the one that took it back.
CREATE TABLE counted_head (
    session_id    uuid NOT NULL,
    attendance_id uuid NOT NULL,
    person_id     uuid NOT NULL,
    band          text NOT NULL,
    counted_by    bigint NOT NULL,
    uncounted_by  bigint CHECK (uncounted_by > counted_by),
    region        char(12) COLLATE "C" NOT NULL,
    PRIMARY KEY (session_id, attendance_id)
);
CREATE INDEX counted_head_person ON counted_head (person_id);
CREATE UNIQUE INDEX one_head_a_person ON counted_head (session_id, person_id) WHERE uncounted_by IS NULL;

-- How often a person came, by topic and region of every level: twelve months, four quarters, two halves, the year.
CREATE TABLE presence (
    topic     uuid NOT NULL,
    level     int NOT NULL,
    region    char(12) COLLATE "C" NOT NULL,
    year      int NOT NULL,
    person_id uuid NOT NULL,
    times     int[] NOT NULL CONSTRAINT never_less_than_nothing CHECK (cardinality(times) = 19 AND 0 <= ALL (times)),
    PRIMARY KEY (topic, level, region, year, person_id)
);

-- The sums. Whoever changes numbers of a region holds the rows `all` of the region and of those above it.
CREATE TABLE tally (
    kind           text NOT NULL CHECK (kind IN ('all', 'audience', 'programme', 'project', 'site')),
    topic          uuid NOT NULL,
    level          int NOT NULL CHECK (level IN (2, 4, 6, 9, 12)),
    region         char(12) COLLATE "C" NOT NULL,
    period         text NOT NULL,
    held           int NOT NULL DEFAULT 0 CHECK (held >= 0),
    times          int NOT NULL DEFAULT 0,
    persons        int NOT NULL DEFAULT 0 CHECK (persons >= 0),
    by_declaration int NOT NULL DEFAULT 0 CHECK (by_declaration >= 0),
    declared       int NOT NULL DEFAULT 0 CHECK (declared >= 0),
    PRIMARY KEY (kind, topic, level, region, period),
    CONSTRAINT persons_come_at_least_once CHECK (persons <= times),
    CONSTRAINT held_by_somebody CHECK (held <= times AND (held > 0) = (times > 0))
);
CREATE INDEX tally_place ON tally (kind, level, region, period);

CREATE TABLE count_period (
    period_id uuid PRIMARY KEY,
    period    text NOT NULL,
    rule      text NOT NULL REFERENCES count_rule,
    mark      bigint NOT NULL,
    closed_at timestamptz NOT NULL,
    closed_by text NOT NULL,
    region    char(12) COLLATE "C" NOT NULL,
    CONSTRAINT frozen_once UNIQUE (region, period)
);

-- Frozen numbers. `version` counts the facts said of one; nothing else of it changes.
CREATE TABLE certified_count (
    count_id       uuid PRIMARY KEY,
    period_id      uuid NOT NULL REFERENCES count_period,
    kind           text NOT NULL,
    topic          uuid NOT NULL,
    period         text NOT NULL,
    held           int NOT NULL,
    times          int NOT NULL,
    persons        int NOT NULL,
    by_declaration int NOT NULL,
    declared       int NOT NULL,
    withheld       boolean NOT NULL,
    version        int NOT NULL DEFAULT 1,
    region         char(12) COLLATE "C" NOT NULL,
    CONSTRAINT one_number_a_topic UNIQUE (region, period, kind, topic)
);
CREATE INDEX certified_count_period ON certified_count (period_id, kind);

CREATE TABLE count_adjustment (
    count_id       uuid NOT NULL REFERENCES certified_count,
    change_id      uuid NOT NULL REFERENCES count_change,
    held           int NOT NULL,
    times          int NOT NULL,
    persons        int NOT NULL,
    by_declaration int NOT NULL,
    declared       int NOT NULL,
    region         char(12) COLLATE "C" NOT NULL,
    PRIMARY KEY (count_id, change_id)
);

CALL own_rows('counted_session');
CALL own_rows('count_change');
CALL own_rows('counted_head');
CALL own_rows('presence');
CALL own_rows('tally');
CALL own_rows('count_period');
CALL own_rows('certified_count');
CALL own_rows('count_adjustment');

-- What is frozen stays; what was counted is taken back by a later change, never removed.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON count_rule FROM %I', current_database());
        EXECUTE format('REVOKE UPDATE, DELETE ON count_change, counted_head, count_period, certified_count,
                        count_adjustment FROM %I', current_database());
        EXECUTE format('GRANT UPDATE (uncounted_by) ON counted_head TO %I', current_database());
        EXECUTE format('GRANT UPDATE (version) ON certified_count TO %I', current_database());
        EXECUTE format('REVOKE DELETE ON counted_session, presence, tally FROM %I', current_database());
    END IF;
END
$$;
