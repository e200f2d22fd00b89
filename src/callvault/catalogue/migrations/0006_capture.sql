-- Trunks: where calls may come from, and whose they are.  "said" is JSON, "sealed" what digest admission is checked with.
CREATE TABLE trunks (
    id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL REFERENCES accounts (serial),
    name {text} NOT NULL,
    said {text} NOT NULL,
    sealed {bytes},
    created {integer} NOT NULL,
    updated {integer} NOT NULL
){table};

CREATE UNIQUE INDEX trunks_by_name ON trunks (name);

-- How a recording was captured here, as JSON, and the messages that were exchanged about it.
CREATE TABLE captures (
    recording_id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL,
    capture {text} NOT NULL,
    exchange {text} NOT NULL
){table};
