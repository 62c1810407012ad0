-- no-transaction
-- Sessions of before the triggers hold their rooms too. What came since is there already.
DO $$
BEGIN
    PERFORM set_config('app.scope', 'all', true);
    INSERT INTO room_use (session_id, room_id, during)
    SELECT session_id, room_id, tstzrange(starts_at, ends_at) FROM session WHERE status <> 'cancelled'
    ON CONFLICT (session_id) DO NOTHING;
END
$$;
