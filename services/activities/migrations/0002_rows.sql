-- Who sees and writes which rows (services/chassis/migrations/0003_scope.sql). Families and children of a session belong
-- to its region, wherever they live: the region of their rows is the session's.
CALL own_rows('enrolment');
CALL own_rows('participant');
CALL own_rows('queue_step');
CALL own_rows('attendance');
CALL own_rows('scan');

-- Published: anybody may look for a session, and a community uses the programmes of its city.
CALL open_rows('session');
CALL open_rows('series');
CALL open_rows('programme');

-- A family may enrol in another region's session: age band and consent of a person are read by whoever decides there.
CALL told_rows('site');
CALL told_rows('person');
