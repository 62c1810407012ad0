-- Teams at sites, and the volunteers in them: one row for each team that a person joined.

CREATE TABLE team (
    team_id         uuid PRIMARY KEY,
    name            text NOT NULL,
    site_id         uuid NOT NULL,
    unit_id         uuid NOT NULL,
    region          char(12) COLLATE "C" NOT NULL,
    legal_form      text NOT NULL,
    consent_unit_id uuid NOT NULL,
    registered_at   timestamptz NOT NULL,
    version         int NOT NULL
);

CREATE TABLE volunteer (
    volunteer_id  uuid PRIMARY KEY,
    team_id       uuid NOT NULL REFERENCES team,
    person_id     uuid NOT NULL,
    volunteer_no  text NOT NULL CONSTRAINT one_volunteer_a_number UNIQUE,
    skills        text[] NOT NULL,
    registered_at timestamptz NOT NULL,
    region        char(12) COLLATE "C" NOT NULL,
    version       int NOT NULL,
    CONSTRAINT once_a_team UNIQUE (team_id, person_id)
);
CREATE INDEX volunteer_person ON volunteer (person_id, volunteer_id);
