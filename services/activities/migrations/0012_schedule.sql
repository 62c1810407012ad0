-- How long activities keeps what it needs no more (X17; docs/decisions/0021). Whoever is restricted keeps everything.
CALL keep_records('counted_head', 'counted_head', 'Public figures are proven by their facts: ids alone, frozen by period');
CALL keep_records('attendance', 'attendance', 'Public figures are proven by their facts: ids alone, frozen by period');
CALL keep_records('health_note', 'health_note', 'PIPL 28, 47: until its own last day, a year at most (timer health-note-over)');
CALL keep_records('pick_up', 'pick_up', 'PIPL 19, 47: a year after it ended, for questions about who fetched a child', 365,
    'coalesce(ended_at, (until + 1)::timestamp AT TIME ZONE ''Asia/Shanghai'')',
    'EXISTS (SELECT FROM person WHERE person.person_id IN (pick_up.child_id, pick_up.person_id) AND restricted)');
CALL keep_records('hand_over', 'hand_over', '民法典 188: the signed record until claims lapse after three years', 1096,
    'occurred_at',
    'EXISTS (SELECT FROM person WHERE person.person_id IN (hand_over.child_id, hand_over.received_by) AND restricted)');
CALL keep_records('calendar_feed', 'calendar_feed', 'PIPL 47: a month after it was revoked', 30, 'revoked_at');
CALL keep_records('absence', 'absence', 'PIPL 19: a quarter after it counts no more', 90, 'lapses_at',
    'EXISTS (SELECT FROM person WHERE person.person_id = absence.person_id AND restricted)');
CALL keep_records('queue_step', 'queue_step', 'PIPL 24: why whom, as long as it may be asked', 365, 'at');
CALL keep_records('withdrawal_effect', 'withdrawal_effect', 'PIPL 69 and 民法典 188: three years', 1096, 'at',
    'EXISTS (SELECT FROM person WHERE person.person_id = withdrawal_effect.person_id AND restricted)');
