-- Keys compare by their bytes (the default BINARY collation).
CREATE TABLE records (
    key     TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    value   BLOB    NOT NULL
);

-- The number of the last commit: versions never repeat, even when a key is deleted and made again.
CREATE TABLE clock (
    only    INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL
);

INSERT INTO clock (only, version) VALUES (1, 0);
