-- How long notify keeps what it needs no more (X17; docs/decisions/0021). Whoever is restricted keeps everything.
CALL keep_records('notice', 'notice', 'PIPL 19, 47: a year after it was sent, or came to its end without', 365,
    'CASE WHEN status <> ''planned'' THEN coalesce(sent_at, due_at) END',
    'EXISTS (SELECT FROM silenced WHERE silenced.person_id = notice.recipient AND state = ''restricted'')');
CALL keep_records('webhook_delivery', 'webhook_delivery', '网络数据安全管理条例 12: what others were given, three years', 1096,
    'CASE WHEN status <> ''planned'' THEN next_try_at END');
