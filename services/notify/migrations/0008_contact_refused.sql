-- Who withdrew the consent to be written to on a channel. `epoch` and `version` are those of registry's last word.
CREATE TABLE contact_refused (
    person_id uuid NOT NULL,
    channel   text NOT NULL,
    refused   boolean NOT NULL,
    epoch     bigint NOT NULL,
    version   int NOT NULL,
    PRIMARY KEY (person_id, channel)
);
CALL told_rows('contact_refused');
