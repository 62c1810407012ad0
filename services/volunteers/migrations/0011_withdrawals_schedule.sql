-- How long volunteers keeps what it needs no more (X17; docs/decisions/0021). Whoever is restricted keeps everything.
CALL keep_records('volunteer', 'volunteer', '志愿服务条例 19, 志愿服务记录与证明出具办法 5: the record of service, under the id');
CALL keep_records('stint', 'stint', '志愿服务条例 19, 志愿服务记录与证明出具办法 6: the record of service, under the id');
CALL keep_records('hours_entry', 'hours_entry', '志愿服务条例 19, 志愿服务记录与证明出具办法 7: the record of service');
CALL keep_records('certificate', 'certificate', '志愿服务记录与证明出具办法 15 to 20: checkable by anybody, for ever');
CALL keep_records('clearance', 'clearance', '未成年人保护法 62: checked every year; a year after it ended', 365,
    'least(ended_at, (valid_until + 1)::timestamp AT TIME ZONE ''Asia/Shanghai'')',
    'EXISTS (SELECT FROM volunteer JOIN person USING (person_id)
             WHERE volunteer.volunteer_id = clearance.volunteer_id AND person.restricted)');
CALL keep_records('withdrawal', 'withdrawal', 'PIPL 69 and 民法典 188: three years', 1096, 'at',
    'EXISTS (SELECT FROM person WHERE person.person_id = withdrawal.person_id AND restricted)');
