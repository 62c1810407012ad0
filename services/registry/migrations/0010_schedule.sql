-- How long registry keeps what it needs no more (X17; docs/decisions/0021). Whoever is restricted keeps everything.
CALL keep_records('person', 'person', 'PIPL 47: erased on request or when the purpose ends, under an id for ever after');
CALL keep_records('appointment', 'appointment', 'R5: who held which post on a day is the record of an organisation');
CALL keep_records('consent', 'consent', 'PIPL 69 and 民法典 188: proof until claims lapse after three years', 1096,
    'coalesce(withdrawn_at, renewed_at)',
    'EXISTS (SELECT FROM person WHERE person.person_id = consent.person_id AND restricted_at IS NOT NULL)');
CALL keep_records('record_access', 'record_access', '未成年人网络保护条例 36, 37: recorded, and audited every year', 1127,
    'CASE WHEN status <> ''opened'' OR reviewed_by IS NOT NULL THEN coalesce(expires_at, asked_at) END',
    'EXISTS (SELECT FROM person WHERE person.person_id = record_access.person_id AND restricted_at IS NOT NULL)');
CALL keep_records('person_request', 'person_request', 'PIPL 50, 69 and 民法典 188: three years after the answer', 1096,
    'answered_at',
    'EXISTS (SELECT FROM person WHERE person.person_id = person_request.person_id AND restricted_at IS NOT NULL)');
CALL keep_records('login', 'login', '网络安全法 21, item 3: logs of half a year at least', 183,
    'coalesce(ended_at, expires_at)');
