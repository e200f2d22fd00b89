-- Stores of accounts' own: one in force for a connection, and those in which audio may still lie.

CREATE TABLE storages (
    id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL REFERENCES accounts (serial),
    connection_id {text} NOT NULL,
    sealed {bytes} NOT NULL,
    created {integer} NOT NULL,
    updated {integer} NOT NULL,
    dropped {integer}
){table};

CREATE UNIQUE INDEX storages_in_force ON storages (account, connection_id) WHERE dropped IS NULL;
CREATE INDEX storages_dropped ON storages (dropped) WHERE dropped IS NOT NULL;

-- Whether anything lies there still.
CREATE INDEX recordings_elsewhere ON recordings (account, media_store) WHERE media_store <> 'main';
