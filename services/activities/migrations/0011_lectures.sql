-- Who speaks about what in a session, and the material by reference (A31).
CREATE TABLE lecture (
    session_id      uuid PRIMARY KEY,
    topic           text NOT NULL,
    speaker_id      uuid,
    speaker_unit_id uuid,
    materials       jsonb NOT NULL,
    version         int NOT NULL,
    region          char(12) COLLATE "C" NOT NULL
);
CALL open_rows('lecture');
