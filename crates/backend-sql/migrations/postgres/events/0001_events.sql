-- The row of a stream is locked by whoever appends to it, from before the first position to the end of the transaction.
CREATE TABLE tastemaker_streams (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name   text COLLATE "C" NOT NULL UNIQUE
);

-- Positions of all streams: those of a deleted stream are not given out again.
CREATE SEQUENCE tastemaker_positions;

CREATE TABLE tastemaker_events (
    stream   bigint NOT NULL,
    position bigint NOT NULL,
    id       text COLLATE "C" NOT NULL,
    body     bytea  NOT NULL,
    PRIMARY KEY (stream, position)
);

CREATE UNIQUE INDEX tastemaker_events_by_id ON tastemaker_events (stream, id);
