-- Divisions by their 12-digit code (range predicates need the C collation), organisations of the tree.

CREATE TABLE division (
    code        char(12) COLLATE "C" PRIMARY KEY,
    name        text NOT NULL,
    level       text NOT NULL,
    parent_code char(12) COLLATE "C" REFERENCES division,
    valid_from  date NOT NULL,
    source      text NOT NULL
);
CREATE INDEX division_parent ON division (parent_code);

CREATE TABLE unit (
    unit_id   uuid PRIMARY KEY,
    name      text NOT NULL,
    kind      text NOT NULL,
    level     text NOT NULL,
    region    char(12) COLLATE "C" NOT NULL REFERENCES division,
    parent_id uuid REFERENCES unit,
    uscc      text,
    version   int NOT NULL
);
CREATE INDEX unit_region ON unit (region, unit_id);
