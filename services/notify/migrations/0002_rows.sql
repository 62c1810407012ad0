-- Who sees and writes which rows (services/chassis/migrations/0003_scope.sql). A notice belongs to the region of the
-- fact behind it, a delivery to that of its event.
CALL own_rows('enrolment');
CALL own_rows('notice');
CALL own_rows('endpoint');
CALL own_rows('webhook_delivery');

CALL told_rows('session');
CALL told_rows('shift');
