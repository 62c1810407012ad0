-- Whom nobody writes to: restricted, or erased for good. `epoch` and `version` are those of registry's last word.
CREATE TABLE silenced (
    person_id uuid PRIMARY KEY,
    state     text NOT NULL CHECK (state IN ('restricted', 'free', 'erased')),
    epoch     bigint NOT NULL,
    version   int NOT NULL
);
CALL told_rows('silenced');
