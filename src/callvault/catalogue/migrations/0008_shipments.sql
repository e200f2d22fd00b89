-- Files on their way to the URLs that they were asked to be pushed to.  "claims" counts who took one, and "leased" is
-- until when the last of them has it for itself.
CREATE TABLE shipments (
    recording_id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL,
    url {text} NOT NULL,
    method {text} NOT NULL,
    state {small} NOT NULL,
    tries {integer} NOT NULL,
    due {integer} NOT NULL,
    leased {integer} NOT NULL,
    claims {integer} NOT NULL,
    made {integer} NOT NULL,
    moved {integer} NOT NULL,
    status {small},
    error {text}
){table};

CREATE INDEX shipments_waiting ON shipments (due) WHERE state = 1;
