-- Messages that come again and again and may end the process that handles them: how often one was begun and never came
-- to an end. Written before the handler runs, taken back after it.

CREATE TABLE begun (
    consumer   text NOT NULL,
    stream_seq bigint NOT NULL,
    times      int NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (consumer, stream_seq)
);
