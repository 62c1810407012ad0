-- no-transaction
-- A stream made anew gives its sequences a second time (promise 7): another message under a known one is another row.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS quarantined_each ON quarantine (consumer, stream_seq, sha256(body));
