-- The secret that an endpoint had before the present one, sealed as that is: it signs beside it until `former_until`.
ALTER TABLE endpoint ADD COLUMN former_sealed bytea;
ALTER TABLE endpoint ADD COLUMN former_until timestamptz;
