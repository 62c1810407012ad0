-- By 0009_quarantined_each.sql the same message is still stored once. A release before this one cannot store a message
-- meanwhile: it keeps it, and its successor does.
-- squawk-ignore ban-drop-constraint
ALTER TABLE quarantine DROP CONSTRAINT quarantined_once;
