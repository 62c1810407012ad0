-- no-transaction
DO $$
BEGIN
    ALTER TABLE person VALIDATE CONSTRAINT the_erased_leave_nothing;
    ALTER TABLE person VALIDATE CONSTRAINT sealed_unless_erased;
    ALTER TABLE person VALIDATE CONSTRAINT restriction_has_ground;
    ALTER TABLE person VALIDATE CONSTRAINT erasure_has_ground;
    ALTER TABLE person VALIDATE CONSTRAINT a_minor_has_a_guardian;
    ALTER TABLE account VALIDATE CONSTRAINT open_has_a_login;
END
$$;
