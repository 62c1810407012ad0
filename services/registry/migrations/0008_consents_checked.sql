-- What earlier releases wrote keeps to the constraints too: checked beside readers and writers.
ALTER TABLE consent VALIDATE CONSTRAINT paper_is_kept;
ALTER TABLE consent VALIDATE CONSTRAINT another_bears_witness;
