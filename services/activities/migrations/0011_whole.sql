-- A large session is booked in parts (counting/parts.py): false until the last one.
ALTER TABLE counted_session ADD COLUMN whole boolean NOT NULL DEFAULT true;
