-- Which kind of household a family is was told to be served first (PIPL 28: it may be her finances). The draw and the
-- seats of its group need it until the session is over; a month more for objections, then it is cleared.
CALL clear_values('household', 'enrolment', 'household', 'PIPL 19, 28, 47: a month after the session, for objections', 30,
    '(SELECT ends_at FROM session WHERE session.session_id = enrolment.session_id)',
    'EXISTS (SELECT FROM person WHERE person.person_id = enrolment.contact_id AND restricted)');
