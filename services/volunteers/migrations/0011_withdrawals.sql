-- A membership is over when its holder withdraws the consent to volunteering (PIPL 15, 47); who consents again joins
-- anew. What each withdrawal ended is listed (X16).
ALTER TABLE volunteer ADD COLUMN withdrawn_at timestamptz;

CREATE TABLE withdrawal (
    withdrawal_id uuid PRIMARY KEY,
    person_id     uuid NOT NULL,
    region        char(12) COLLATE "C" NOT NULL,
    at            timestamptz NOT NULL,
    assignments   uuid[] NOT NULL DEFAULT '{}',
    memberships   uuid[] NOT NULL DEFAULT '{}',
    version       int NOT NULL
);
CREATE INDEX withdrawal_person ON withdrawal (person_id, at);
CALL own_rows('withdrawal');
