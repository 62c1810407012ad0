-- What room_use says now, set-up time included, the constraint on session said before.
-- squawk-ignore ban-drop-constraint
ALTER TABLE session DROP CONSTRAINT one_session_a_room;
