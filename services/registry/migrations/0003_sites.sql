-- Neighbourhood centres, sites with rooms and weekly hours, and the rows of site lists.

CREATE TABLE centre (
    centre_id uuid PRIMARY KEY,
    name      text NOT NULL,
    unit_id   uuid NOT NULL REFERENCES unit,
    region    char(12) COLLATE "C" NOT NULL REFERENCES division,
    version   int NOT NULL
);

CREATE TABLE site (
    site_id   uuid PRIMARY KEY,
    name      text NOT NULL,
    site_type text NOT NULL,
    unit_id   uuid NOT NULL REFERENCES unit,
    centre_id uuid REFERENCES centre,
    region    char(12) COLLATE "C" NOT NULL REFERENCES division,
    status    text NOT NULL CHECK (status IN ('opened', 'closed')),
    version   int NOT NULL
);
CREATE INDEX site_open ON site (region, site_id) WHERE status = 'opened';

CREATE TABLE room (
    room_id  uuid PRIMARY KEY,
    site_id  uuid NOT NULL REFERENCES site,
    number   int NOT NULL,
    name     text NOT NULL,
    capacity int NOT NULL CHECK (capacity >= 0),
    UNIQUE (site_id, number)
);

CREATE TABLE site_hours (
    site_id uuid NOT NULL REFERENCES site,
    number  int NOT NULL,
    weekday int NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    opens   time NOT NULL,
    closes  time NOT NULL,
    PRIMARY KEY (site_id, number),
    CONSTRAINT opens_before_it_closes CHECK (opens < closes)
);

-- Every row of a site list as it was written; `region` is empty until a division is certain.
CREATE TABLE site_draft (
    site_id   uuid PRIMARY KEY,
    name      text NOT NULL,
    site_type text NOT NULL,
    unit_id   uuid NOT NULL REFERENCES unit,
    place     text NOT NULL,
    within    char(12) COLLATE "C" NOT NULL REFERENCES division,
    capacity  int NOT NULL CHECK (capacity >= 0),
    hours     jsonb NOT NULL,
    region    char(12) COLLATE "C" REFERENCES division
);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE DELETE ON centre, site, room, site_hours, site_draft FROM %I', current_database());
    END IF;
END
$$;
