-- What people ask about their data, and until when they are answered (PIPL 44 to 50; docs/decisions/0021).
CREATE TABLE person_request (
    person_request_id uuid PRIMARY KEY,
    person_id         uuid NOT NULL REFERENCES person,
    region            char(12) COLLATE "C" NOT NULL,
    kind              text NOT NULL CHECK (kind IN ('access', 'copy', 'correction', 'erasure', 'restriction')),
    asked_by          uuid NOT NULL,
    received_on       date NOT NULL,
    due_on            date NOT NULL CHECK (due_on > received_on),
    counted           text NOT NULL CHECK (counted IN ('working-days', 'calendar-days')),
    status            text NOT NULL CHECK (status IN ('open', 'fulfilled', 'declined')),
    answered_at       timestamptz,
    answered_by       text,
    reason            text,
    version           int NOT NULL,
    CONSTRAINT answered_whole CHECK ((status = 'open') = (answered_at IS NULL)
        AND (answered_at IS NULL) = (answered_by IS NULL)),
    CONSTRAINT declined_for_a_reason CHECK (status <> 'declined' OR reason IS NOT NULL)
);
CREATE UNIQUE INDEX one_open_request_a_kind ON person_request (person_id, kind) WHERE status = 'open';
CREATE INDEX person_request_region ON person_request (region, due_on, person_request_id);
CALL own_rows('person_request');
