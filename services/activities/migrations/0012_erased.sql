-- Who was erased: ids that mean nobody. Of a family that was erased one by one nobody is left in the end.
CREATE TABLE erased (
    person_id uuid PRIMARY KEY,
    at        timestamptz NOT NULL
);
CALL told_rows('erased');
