-- Every id under which a report was ever recorded: one that a later recording replaced is not used again (A41).
CREATE TABLE report_id (
    report_id uuid PRIMARY KEY,
    region    char(12) COLLATE "C" NOT NULL
);
INSERT INTO report_id (report_id, region) SELECT report_id, region FROM session_report;
CALL own_rows('report_id');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE, DELETE ON report_id FROM %I', current_database());
    END IF;
END
$$;
