-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_account_a_login_hash ON account (login_hash);
