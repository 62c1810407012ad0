-- `serves_once_a_team` is the rule now: who left a team may join it again.
-- squawk-ignore ban-drop-constraint
ALTER TABLE volunteer DROP CONSTRAINT once_a_team;
