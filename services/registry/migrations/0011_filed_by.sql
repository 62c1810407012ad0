-- Who wrote down what somebody asked about her data, a person or `client:<id>`; none where an earlier release did not.
ALTER TABLE person_request ADD COLUMN filed_by text;
