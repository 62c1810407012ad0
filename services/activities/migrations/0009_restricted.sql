-- Of whom registry says that her data are kept and nothing else is done with them (PIPL 44, 47).
ALTER TABLE person ADD COLUMN restricted boolean NOT NULL DEFAULT false;
