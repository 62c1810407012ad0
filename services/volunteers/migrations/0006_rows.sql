-- Who sees and writes which rows (services/chassis/migrations/0003_scope.sql). A volunteer belongs to the region of
-- the team, an assignment to that of the shift.
CALL own_rows('volunteer');
CALL own_rows('assignment');
CALL own_rows('stint');
CALL own_rows('hours_entry');
CALL own_rows(
    'certificate', 'EXISTS (SELECT FROM volunteer WHERE volunteer.volunteer_id = certificate.volunteer_id)');

-- Teams and the shifts they offer are public; no person is named in them.
CALL open_rows('team');
CALL open_rows('shift');

CALL told_rows('site');
CALL told_rows('person');
CALL told_rows('session');
