-- What other services told: sites and people of registry, sessions of activities. Nothing refers to these rows by a
-- foreign key, so that they can be dropped and heard again.

CREATE TABLE site (
    site_id uuid PRIMARY KEY,
    unit_id uuid NOT NULL,
    region  char(12) COLLATE "C" NOT NULL,
    closed  boolean NOT NULL DEFAULT false
);

CREATE TABLE person (
    person_id              uuid PRIMARY KEY,
    age_band               text NOT NULL,
    agreed_to_volunteering boolean NOT NULL DEFAULT false
);

CREATE TABLE session (
    session_id uuid PRIMARY KEY,
    cancelled  boolean NOT NULL DEFAULT false
);
