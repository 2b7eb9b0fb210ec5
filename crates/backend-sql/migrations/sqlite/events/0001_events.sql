CREATE TABLE streams (
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE
);

-- AUTOINCREMENT: positions of a deleted stream are not given out again.
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream   INTEGER NOT NULL,
    id       TEXT    NOT NULL,
    body     BLOB    NOT NULL
);

CREATE UNIQUE INDEX events_by_id ON events (stream, id);

-- SQLite appends the position to every index entry, so this one also orders a stream.
CREATE INDEX events_by_stream ON events (stream);
