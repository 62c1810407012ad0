-- What notify remembers of others' facts, the notices it owes, webhook endpoints and their deliveries.
-- No name and no address of a person is in any of these tables.

-- Read models first (session, enrolment, shift): built anew at any time, so nothing points at them.
-- A row begins as `unheard` when an enrolment is heard before its session: both sides lock the same row.
CREATE TABLE session (
    session_id   uuid PRIMARY KEY,
    status       text NOT NULL DEFAULT 'unheard' CHECK (status IN ('unheard', 'published', 'closed', 'cancelled')),
    title        text,
    place        text,
    starts_at    timestamptz,
    ends_at      timestamptz,
    cancelled_by uuid,
    reason       text,
    CONSTRAINT heard_has_times CHECK (status = 'unheard' OR (title, place, starts_at, ends_at) IS NOT NULL),
    CONSTRAINT cancelled_has_cause CHECK ((status = 'cancelled') = (cancelled_by IS NOT NULL))
);

CREATE TABLE enrolment (
    enrolment_id uuid PRIMARY KEY,
    session_id   uuid NOT NULL,
    contact_id   uuid NOT NULL,
    region       char(12) COLLATE "C" NOT NULL,
    status       text NOT NULL CHECK (status IN ('confirmed', 'waiting', 'offered', 'withdrawn')),
    confirmed_by uuid
);
CREATE INDEX enrolment_session ON enrolment (session_id);

CREATE TABLE shift (
    shift_id  uuid PRIMARY KEY,
    title     text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL
);

CREATE TABLE notice (
    notice_id      uuid PRIMARY KEY,
    cause_id       uuid NOT NULL,
    correlation_id uuid NOT NULL,
    traceparent    text,
    recipient      uuid NOT NULL,
    template       text NOT NULL,
    channel        text NOT NULL CHECK (channel IN ('inbox', 'email')),
    region         char(12) COLLATE "C" NOT NULL,
    session_id     uuid,
    enrolment_id   uuid,
    shift_id       uuid,
    facts          jsonb NOT NULL,
    due_at         timestamptz NOT NULL,
    expires_at     timestamptz,
    status         text NOT NULL DEFAULT 'planned'
                   CHECK (status IN ('planned', 'sent', 'seen', 'cancelled', 'superseded', 'failed')),
    attempts       int NOT NULL DEFAULT 0,
    next_try_at    timestamptz NOT NULL,
    claimed_until  timestamptz,
    sent_at        timestamptz,
    reason         text,
    subject        text,
    text           text,
    version        int NOT NULL DEFAULT 0,
    CONSTRAINT one_notice_a_fact UNIQUE (cause_id, recipient, template, channel),
    CONSTRAINT sent_has_time CHECK ((sent_at IS NOT NULL) = (status IN ('sent', 'seen', 'superseded'))),
    CONSTRAINT failed_has_reason CHECK ((reason IS NOT NULL) = (status = 'failed')),
    CONSTRAINT text_in_inbox CHECK ((text IS NOT NULL) = (sent_at IS NOT NULL AND channel = 'inbox'))
);
CREATE INDEX notice_due ON notice (channel, next_try_at, notice_id) WHERE status = 'planned';
CREATE INDEX notice_session ON notice (session_id);
CREATE INDEX notice_enrolment ON notice (enrolment_id) WHERE status = 'planned';
CREATE INDEX notice_inbox ON notice (recipient, sent_at DESC, notice_id DESC) WHERE channel = 'inbox';
CREATE INDEX notice_region ON notice (region, channel, status);

CREATE TABLE endpoint (
    endpoint_id uuid PRIMARY KEY,
    name        text NOT NULL,
    url         text NOT NULL,
    region      char(12) COLLATE "C" NOT NULL,
    types       text[] NOT NULL,
    secret      text NOT NULL,
    status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'removed', 'gone')),
    rest_until  timestamptz,
    version     int NOT NULL
);
CREATE INDEX endpoint_region ON endpoint (region, endpoint_id);

CREATE TABLE webhook_delivery (
    delivery_id    uuid PRIMARY KEY,
    endpoint_id    uuid NOT NULL REFERENCES endpoint,
    event_id       uuid NOT NULL,
    correlation_id uuid NOT NULL,
    traceparent    text,
    region         char(12) COLLATE "C" NOT NULL,
    body           text NOT NULL,
    status         text NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'sent', 'cancelled', 'failed')),
    attempts       int NOT NULL DEFAULT 0,
    next_try_at    timestamptz NOT NULL,
    claimed_until  timestamptz,
    reason         text,
    CONSTRAINT one_delivery_an_event UNIQUE (endpoint_id, event_id)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, next_try_at, delivery_id) WHERE status = 'planned';
CREATE INDEX webhook_delivery_region ON webhook_delivery (region, status);
