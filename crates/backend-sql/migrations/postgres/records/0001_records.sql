-- Keys compare by their bytes.
CREATE TABLE tastemaker_records (
    key     text COLLATE "C" NOT NULL PRIMARY KEY,
    version bigint NOT NULL,
    value   bytea  NOT NULL
);

-- A version of its own for each commit: versions never repeat, even when a key is deleted and made again.
CREATE SEQUENCE tastemaker_versions;
