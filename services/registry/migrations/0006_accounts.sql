-- Logins of staff and keys of integrating systems. No secret is here: passwords as argon2id, everything else by SHA-256.
CREATE TABLE account (
    account_id    uuid PRIMARY KEY,
    person_id     uuid NOT NULL CONSTRAINT one_account_a_person UNIQUE REFERENCES person,
    login         text NOT NULL CONSTRAINT one_account_a_login UNIQUE,
    password_hash text NOT NULL,
    failures      int NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until  timestamptz,
    closed_at     timestamptz,
    version       int NOT NULL
);

CREATE TABLE login (
    token_hash text PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account,
    unit_id    uuid NOT NULL REFERENCES unit,
    begun_at   timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX login_open ON login (account_id) WHERE ended_at IS NULL;

CREATE TABLE recovery_code (
    account_id uuid NOT NULL REFERENCES account,
    code_hash  text NOT NULL,
    PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE external_identity (
    issuer     text NOT NULL,
    subject    text NOT NULL,
    account_id uuid NOT NULL REFERENCES account,
    PRIMARY KEY (issuer, subject)
);

CREATE TABLE delegation (
    delegation_id  uuid PRIMARY KEY,
    appointment_id uuid NOT NULL REFERENCES appointment,
    person_id      uuid NOT NULL REFERENCES person,
    since          date NOT NULL,
    until          date NOT NULL CHECK (until >= since),
    ended_at       timestamptz,
    version        int NOT NULL,
    CONSTRAINT one_stands_in_at_a_time EXCLUDE USING gist (
        appointment_id WITH =, daterange(since, until, '[]') WITH &&) WHERE (ended_at IS NULL)
);
CREATE INDEX delegation_person ON delegation (person_id) WHERE ended_at IS NULL;

CREATE TABLE client (
    client_id  uuid PRIMARY KEY,
    unit_id    uuid NOT NULL REFERENCES unit,
    name       text NOT NULL,
    revoked_at timestamptz,
    version    int NOT NULL
);

CREATE TABLE client_secret (
    client_id   uuid NOT NULL REFERENCES client,
    secret_hash text NOT NULL,
    added_at    timestamptz NOT NULL,
    expires_at  timestamptz,
    PRIMARY KEY (client_id, secret_hash)
);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE DELETE ON account, login, delegation, client, client_secret FROM %I', current_database());
    END IF;
END
$$;
