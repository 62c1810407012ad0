-- Clearances (V4, V5): what a volunteer has proven, and until when it holds. What a check said is kept nowhere.
CREATE TABLE clearance (
    clearance_id uuid PRIMARY KEY,
    volunteer_id uuid NOT NULL REFERENCES volunteer,
    kind         text NOT NULL,
    checked_on   date NOT NULL,
    valid_until  date NOT NULL,
    recorded_by  text NOT NULL,
    recorded_at  timestamptz NOT NULL,
    ended_at     timestamptz,
    version      int NOT NULL,
    region       char(12) COLLATE "C" NOT NULL,
    CONSTRAINT at_most_a_year CHECK (valid_until >= checked_on AND valid_until <= checked_on + interval '12 months')
);
CREATE INDEX clearance_volunteer ON clearance (volunteer_id);
CALL own_rows('clearance');
