-- Whose guardian may ask who saw what is kept here of a minor (PIPL 31, 44; X15).
ALTER TABLE person ADD COLUMN guardian_id uuid;
