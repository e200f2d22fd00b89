-- Hooks, what is on its way to them, and what became of each attempt.

-- "recording_id" is empty where a hook is for every recording of the account.
CREATE TABLE hooks (
    id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL REFERENCES accounts (serial),
    recording_id {bytes} NOT NULL,
    dialect {text} NOT NULL,
    url {text} NOT NULL,
    failover_url {text},
    method {text} NOT NULL,
    events {text} NOT NULL,
    username {text},
    sealed_password {bytes},
    options {text} NOT NULL,
    created {integer} NOT NULL,
    removed {integer}
){table};

CREATE INDEX hooks_in_force ON hooks (account, recording_id) WHERE removed IS NULL;

-- One row for each event and hook, written with the change that it tells of.  "turn" is the order within a recording,
-- "claims" counts the couriers that took it, and "leased" is until when the last of them has it for itself.
CREATE TABLE deliveries (
    id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL,
    hook_id {bytes} NOT NULL,
    recording_id {bytes} NOT NULL,
    event_id {bytes} NOT NULL,
    kind {small} NOT NULL,
    happened {integer} NOT NULL,
    turn {integer} NOT NULL,
    state {small} NOT NULL,
    attempts {integer} NOT NULL,
    stage {small} NOT NULL,
    tries {integer} NOT NULL,
    due {integer} NOT NULL,
    leased {integer} NOT NULL,
    claims {integer} NOT NULL,
    card {text} NOT NULL
){table};

-- The waiting ones: what a courier walks along, and who has to wait for whom.
CREATE INDEX deliveries_waiting ON deliveries (hook_id, due, turn) WHERE state = 1;
CREATE INDEX deliveries_in_line ON deliveries (hook_id, recording_id, turn) WHERE state = 1;

-- The lists, newest first, and what is old enough to be forgotten.
CREATE INDEX deliveries_of_account ON deliveries (account, id);
CREATE INDEX deliveries_by_state ON deliveries (account, state, id);
CREATE INDEX deliveries_of_hook ON deliveries (hook_id, id);
CREATE INDEX deliveries_of_recording ON deliveries (recording_id, id);
CREATE INDEX deliveries_settled ON deliveries (happened) WHERE state <> 1;

CREATE TABLE attempts (
    delivery_id {bytes} NOT NULL,
    number {integer} NOT NULL,
    began {integer} NOT NULL,
    method {text} NOT NULL,
    url {text} NOT NULL,
    headers {text} NOT NULL,
    body {bytes} NOT NULL,
    status {small},
    answer {bytes} NOT NULL,
    failure {text},
    error {text},
    took_ms {integer} NOT NULL,
    PRIMARY KEY (delivery_id, number)
){table};
