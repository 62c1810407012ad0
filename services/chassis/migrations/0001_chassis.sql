-- What every service's database has: answers kept for repeats, the outbox (also the event archive), the inbox,
-- the order gate, durable timers and the quarantine.

CREATE TABLE command_log (
    command_id  uuid PRIMARY KEY,
    fingerprint bytea NOT NULL,
    outcome     bytea NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX command_log_at ON command_log (at);

-- Rows stay: published ones carry the stream's sequence. Order of id is order of commit inside an aggregate,
-- because every writer locks the aggregate's row before it comes here. Months: 0002_months.sql.
CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY,
    event_id     uuid NOT NULL,
    subject      text NOT NULL,
    type         text NOT NULL,
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    version      int NOT NULL CHECK (version > 0),
    body         text NOT NULL,
    at           timestamptz NOT NULL,
    stream_seq   bigint,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX outbox_unpublished ON outbox (id) WHERE stream_seq IS NULL;

-- By the event's own time, not by its arrival: a redelivery in another month must meet the row of the first delivery.
CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    said_at  timestamptz NOT NULL,
    PRIMARY KEY (consumer, event_id, said_at)
) PARTITION BY RANGE (said_at);

CREATE TABLE order_gate (
    consumer     text NOT NULL,
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    epoch        bigint NOT NULL DEFAULT 1,
    version      int NOT NULL,
    PRIMARY KEY (consumer, aggregate_id, aggregate)
);

-- Restores of this database, newest last; without one the epoch is 1 (docs/decisions/0007).
CREATE TABLE epoch (
    epoch bigint PRIMARY KEY CHECK (epoch > 1),
    at    timestamptz NOT NULL
);

-- The event's text under an epoch. The database stamps it, so that no process can go on in the epoch it remembers.
CREATE FUNCTION stamped(body text, epoch bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN regexp_replace(body, '"epoch":\d+', '"epoch":' || epoch);

-- Sources that a consumer saw restored: what it made of their lost future stays until its read model is rebuilt.
CREATE TABLE restored_source (
    consumer   text NOT NULL,
    source     text NOT NULL,
    epoch      bigint NOT NULL,
    noted_at   timestamptz NOT NULL,
    rebuilt_at timestamptz,
    PRIMARY KEY (consumer, source)
);

-- On which start of the server the outbox was last compared with the stream as a whole.
CREATE TABLE stream_incarnation (
    stream      text PRIMARY KEY,
    server      text NOT NULL,
    compared_at timestamptz NOT NULL
);

CREATE TABLE timer (
    kind        text NOT NULL,
    key         uuid NOT NULL,
    due_at      timestamptz NOT NULL,
    attempts    int NOT NULL DEFAULT 0,
    traceparent text,
    fired_at    timestamptz,
    PRIMARY KEY (kind, key)
);
CREATE INDEX timer_pending ON timer (kind, due_at) WHERE fired_at IS NULL;
CREATE INDEX timer_fired ON timer (fired_at) WHERE fired_at IS NOT NULL;

CREATE TABLE quarantine (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer   text NOT NULL,
    subject    text NOT NULL,
    stream_seq bigint NOT NULL,
    headers    jsonb NOT NULL,
    body       bytea NOT NULL,
    reason     text NOT NULL,
    attempts   int NOT NULL,
    at         timestamptz NOT NULL,
    ended_at   timestamptz,
    ending     text CHECK (ending IN ('replayed', 'discarded')),
    ended_why  text,
    -- An order gate passed this step without handling it: a rebuild leaves it out as well.
    skipped_step boolean NOT NULL DEFAULT false,
    CONSTRAINT quarantined_once UNIQUE (consumer, stream_seq)
);

-- The runtime role adds and reads; what happened is not its to take back.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE DELETE, TRUNCATE ON command_log, outbox, inbox, quarantine FROM %I', current_database());
        EXECUTE format('REVOKE UPDATE ON command_log, inbox, outbox FROM %I', current_database());
        EXECUTE format('GRANT UPDATE (stream_seq) ON outbox TO %I', current_database());
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON epoch FROM %I', current_database());
    END IF;
END
$$;
