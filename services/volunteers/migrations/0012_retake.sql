-- Whoever gave a place back may take one of the same shift again while it is free: no more than one at a time, which
-- `one_place_at_a_time` says already, for both would be at the same hours.
-- squawk-ignore ban-drop-constraint
ALTER TABLE assignment DROP CONSTRAINT once_a_shift;
