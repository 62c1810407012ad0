-- What those who came thought, and what a session cost (A31, A41). Who answered and what was answered share no row.

CREATE TABLE survey_answered (
    session_id uuid NOT NULL,
    person_id  uuid NOT NULL,
    feedback_id uuid NOT NULL CONSTRAINT one_answer_an_id UNIQUE,
    region     char(12) COLLATE "C" NOT NULL,
    CONSTRAINT answers_once PRIMARY KEY (session_id, person_id)
);

CREATE TABLE survey_score (
    session_id uuid NOT NULL,
    question   text NOT NULL,
    score      int NOT NULL CHECK (score BETWEEN 1 AND 5),
    answers    int NOT NULL CHECK (answers > 0),
    shown      int NOT NULL DEFAULT 0 CHECK (shown BETWEEN 0 AND answers),
    region     char(12) COLLATE "C" NOT NULL,
    PRIMARY KEY (session_id, question, score)
);

CREATE TABLE session_report (
    session_id uuid PRIMARY KEY,
    report_id  uuid NOT NULL CONSTRAINT one_report_an_id UNIQUE,
    costs      jsonb NOT NULL,
    photos     jsonb NOT NULL,
    version    int NOT NULL,
    region     char(12) COLLATE "C" NOT NULL
);

-- Certificates of attendance that were asked of the issuer (A40).
CREATE TABLE certificate_request (
    attendance_certificate_id uuid PRIMARY KEY,
    person_id                 uuid NOT NULL,
    since                     date NOT NULL,
    until                     date NOT NULL CHECK (until >= since),
    sessions                  int NOT NULL CHECK (sessions > 0),
    region                    char(12) COLLATE "C" NOT NULL
);

CALL own_rows('certificate_request');
CALL own_rows('survey_answered');
CALL own_rows('survey_score');
CALL own_rows('session_report');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_database()) THEN
        EXECUTE format('REVOKE UPDATE, DELETE ON survey_answered FROM %I', current_database());
        EXECUTE format('REVOKE DELETE ON survey_score, session_report FROM %I', current_database());
    END IF;
END
$$;
