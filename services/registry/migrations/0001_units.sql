-- Divisions by their 12-digit code (range predicates need the C collation), organisations of the tree.

-- An import proves every parent in its own transaction and no division is ever deleted (old codes resolve for ever),
-- so that the reference checks itself: without a foreign key a whole country loads in a third less time.
CREATE TABLE division (
    code        char(12) COLLATE "C" PRIMARY KEY,
    name        text NOT NULL,
    level       text NOT NULL,
    parent_code char(12) COLLATE "C",
    valid_from  date NOT NULL,
    source      text NOT NULL,
    CONSTRAINT only_a_province_has_no_parent CHECK ((level = 'province') = (parent_code IS NULL))
);

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
