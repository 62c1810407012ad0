-- Consents: how each was given, who recorded it, until when it holds, and why it ended (PIPL 14 to 17, 31; X16).
ALTER TABLE consent
    ADD COLUMN method text NOT NULL DEFAULT 'app',
    ADD COLUMN evidence text,
    ADD COLUMN recorded_by text,
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN ended_why text;
ALTER TABLE consent ADD CONSTRAINT paper_is_kept CHECK (method <> 'paper' OR evidence IS NOT NULL) NOT VALID;
ALTER TABLE consent ADD CONSTRAINT another_bears_witness
    CHECK (method <> 'witnessed' OR recorded_by <> given_by::text) NOT VALID;

-- What people are told before they consent. The newest notice whose region covers a person's is the one in force.
-- `sweep_id` is the timer by which consents under another version end, `swept_until` the last person gone through.
CREATE TABLE privacy_notice (
    privacy_notice_id uuid PRIMARY KEY,
    purpose           text NOT NULL,
    notice_version    text NOT NULL,
    region            char(12) COLLATE "C" NOT NULL,
    title             text NOT NULL,
    text              text NOT NULL,
    retention_months  int NOT NULL CHECK (retention_months > 0),
    published_at      timestamptz NOT NULL,
    renew_until       timestamptz NOT NULL CHECK (renew_until >= published_at),
    sweep_id          uuid NOT NULL UNIQUE,
    swept_until       uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    CONSTRAINT one_notice_a_version UNIQUE (purpose, region, notice_version)
);
CALL open_rows('privacy_notice');

-- The codes of a division and of all above it.
CREATE FUNCTION regions_above(code text) RETURNS bpchar[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(rpad(left(code, digits), 12, '0')::bpchar) FROM unnest(ARRAY[0, 2, 4, 6, 9, 12]) AS digits
$$;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('GRANT UPDATE (ended_why) ON consent TO %I', current_database());
        EXECUTE format('REVOKE UPDATE, DELETE ON privacy_notice FROM %I', current_database());
        EXECUTE format('GRANT UPDATE (sweep_id, swept_until) ON privacy_notice TO %I', current_database());
    END IF;
END
$$;

-- Who may open a minor's record, and for how long. Reasons are kept here alone.
CREATE TABLE record_access (
    record_access_id uuid PRIMARY KEY,
    person_id        uuid NOT NULL REFERENCES person,
    region           char(12) COLLATE "C" NOT NULL,
    requester_id     uuid NOT NULL,
    reason           text NOT NULL,
    reason_text      text NOT NULL,
    minutes          int NOT NULL CHECK (minutes BETWEEN 5 AND 480),
    status           text NOT NULL CHECK (status IN ('requested', 'approved', 'refused', 'opened')),
    asked_at         timestamptz NOT NULL,
    decided_by       uuid,
    expires_at       timestamptz,
    review_by        timestamptz,
    reviewed_by      uuid,
    justified        boolean,
    review_note      text,
    version          int NOT NULL,
    CONSTRAINT nobody_decides_on_her_own CHECK (decided_by <> requester_id AND reviewed_by <> requester_id),
    CONSTRAINT somebody_decided CHECK ((decided_by IS NOT NULL) = (status IN ('approved', 'refused'))),
    CONSTRAINT open_has_an_end CHECK ((expires_at IS NOT NULL) = (status IN ('approved', 'opened'))),
    CONSTRAINT broken_glass_is_reviewed CHECK ((review_by IS NOT NULL) = (status = 'opened')),
    CONSTRAINT reviewed_whole CHECK (
        (reviewed_by IS NULL) = (justified IS NULL) AND (reviewed_by IS NULL) = (review_note IS NULL)
        AND (reviewed_by IS NULL OR status = 'opened'))
);
CREATE INDEX record_access_open ON record_access (requester_id, person_id, expires_at);
CREATE INDEX record_access_region ON record_access (region, asked_at, record_access_id);
CALL own_rows('record_access');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE, DELETE ON record_access FROM %I', current_database());
        EXECUTE format('GRANT UPDATE (status, decided_by, expires_at, reviewed_by, justified, review_note, version)
                        ON record_access TO %I', current_database());
    END IF;
END
$$;
