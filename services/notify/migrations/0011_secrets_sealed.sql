-- The secret of an endpoint, sealed with a key that stands in notify's folder of secrets alone. `secret` is what an
-- earlier release kept open; notify seals it at its first start.
ALTER TABLE endpoint ADD COLUMN sealed bytea;
ALTER TABLE endpoint ALTER COLUMN secret SET DEFAULT '';
