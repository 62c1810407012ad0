-- Of whom registry says that her data are kept and nothing else is done with them (PIPL 44, 47).
ALTER TABLE person ADD COLUMN restricted boolean NOT NULL DEFAULT false;

-- Whose person was erased: the record of service stays, because the law keeps it, and nobody serves under it any more.
ALTER TABLE volunteer ADD COLUMN stored_only_at timestamptz;
