-- Whose guardian may ask who saw what is kept here of a minor (PIPL 31, 44; X15). `epoch` and `version` are those of
-- registry's last word about who answers for her.
CREATE TABLE ward (
    person_id   uuid PRIMARY KEY,
    guardian_id uuid,
    epoch       bigint NOT NULL,
    version     int NOT NULL
);
CALL told_rows('ward');
