-- What every service's database has: answers kept for repeats, the outbox (also the event archive), the inbox,
-- the order gate, durable timers and the quarantine.

CREATE TABLE command_log (
    command_id  uuid PRIMARY KEY,
    fingerprint bytea NOT NULL,
    outcome     bytea NOT NULL,
    at          timestamptz NOT NULL
);

-- Rows stay: published ones carry the stream's sequence. Order of id is order of commit inside an aggregate,
-- because every writer locks the aggregate's row before it comes here.
CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     uuid NOT NULL,
    subject      text NOT NULL,
    type         text NOT NULL,
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    version      int NOT NULL CHECK (version > 0),
    body         text NOT NULL,
    at           timestamptz NOT NULL,
    stream_seq   bigint,
    CONSTRAINT one_event_a_version UNIQUE (aggregate_id, aggregate, version)
);
CREATE INDEX outbox_unpublished ON outbox (id) WHERE stream_seq IS NULL;

CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (consumer, event_id)
);

CREATE TABLE order_gate (
    consumer     text NOT NULL,
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    version      int NOT NULL,
    PRIMARY KEY (consumer, aggregate_id, aggregate)
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
        EXECUTE format('REVOKE UPDATE ON command_log, inbox FROM %I', current_database());
    END IF;
END
$$;
