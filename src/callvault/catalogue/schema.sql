-- The whole schema, as all migrations together leave it: for people who want to read it in one place, and for a test
-- that compares the two.  A database is never made from this file.
--
-- One text for both engines; {integer}, {small}, {bytes}, {text}, {table} and {clustered} stand for what they spell
-- differently (schema.py).  Ids are 16 raw bytes, times whole Unix milliseconds, words small numbers (codes.py).
-- "account" is everywhere the account's serial: half the size of its id, in every index.

CREATE TABLE accounts (
    serial {integer} NOT NULL PRIMARY KEY,
    id {bytes} NOT NULL UNIQUE,
    name {text} NOT NULL UNIQUE,
    created {integer} NOT NULL,
    settings {text} NOT NULL
){table};

CREATE TABLE users (
    id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL REFERENCES accounts (serial),
    name {text} NOT NULL,
    created {integer} NOT NULL,
    credential_digests {text} NOT NULL,
    UNIQUE (account, name)
){table};

CREATE TABLE keys (
    id {text} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL REFERENCES accounts (serial),
    label {text} NOT NULL,
    scopes {text} NOT NULL,
    secret_hash {text} NOT NULL,
    sealed {bytes},
    created {integer} NOT NULL,
    revoked {integer}
){table};

CREATE INDEX keys_of_account ON keys (account, created, id);

-- A store of an account's own for a connection.  One that is dropped is known as long as audio may lie there.
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

-- Keys of accounts' own, with which what is recorded for them is encrypted: the public halves.
CREATE TABLE public_keys (
    id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL REFERENCES accounts (serial),
    name {text} NOT NULL,
    pem {text} NOT NULL,
    created {integer} NOT NULL,
    updated {integer} NOT NULL
){table};

CREATE INDEX public_keys_of_account ON public_keys (account, created, id);

CREATE TABLE recordings (
    id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL,
    status {small} NOT NULL,
    started {integer} NOT NULL,
    created {integer} NOT NULL,
    ended {integer},
    updated {integer} NOT NULL,
    taken_in {integer} NOT NULL,
    deleted {integer},
    user_id {bytes},
    call_id {bytes} NOT NULL,
    parent_call_id {bytes},
    call_session_id {bytes} NOT NULL,
    conference_id {bytes},
    conference_name {text},
    sip_call_id {text},
    connection_id {text},
    application_id {text},
    source {small} NOT NULL,
    origin {small} NOT NULL,
    direction {small} NOT NULL,
    media_state {small} NOT NULL,
    caller_number {text},
    caller_name {text},
    caller_country {text},
    caller_kind {text},
    callee_number {text},
    callee_name {text},
    callee_country {text},
    callee_kind {text},
    channels {small} NOT NULL,
    format {small} NOT NULL,
    duration_ms {integer} NOT NULL,
    media_store {text},
    media_key {text},
    media_size_bytes {integer},
    media_sha256 {text},
    media_format {small},
    media_codec {text},
    media_sample_rate {integer},
    media_samples {integer},
    label {text},
    transcribed {small} NOT NULL,
    revision {integer} NOT NULL,
    rest {text}
){table};

-- A list is walked along one of these, in the order of its page.  "status > 0" is all that is not deleted: recordings
-- that were deleted cost a list nothing, however many they are.  The status at the end tells without the row.
CREATE INDEX recordings_by_created ON recordings (account, created, id, status) WHERE status > 0;
CREATE INDEX recordings_by_started ON recordings (account, started, id, status) WHERE status > 0;

-- The few that are not available: live, failed, deleted.  By status, so that one is found among millions.
CREATE INDEX recordings_odd_by_created ON recordings (account, status, created, id) WHERE status <> 4;
CREATE INDEX recordings_odd_by_started ON recordings (account, status, started, id) WHERE status <> 4;

CREATE INDEX recordings_lane_by_created ON recordings (account, source, direction, created, id, status)
    WHERE status > 0;
CREATE INDEX recordings_lane_by_started ON recordings (account, source, direction, started, id, status)
    WHERE status > 0;
CREATE INDEX recordings_caller_by_created ON recordings (account, caller_number, created, id, status)
    WHERE status > 0 AND caller_number IS NOT NULL;
CREATE INDEX recordings_caller_by_started ON recordings (account, caller_number, started, id, status)
    WHERE status > 0 AND caller_number IS NOT NULL;
CREATE INDEX recordings_callee_by_created ON recordings (account, callee_number, created, id, status)
    WHERE status > 0 AND callee_number IS NOT NULL;
CREATE INDEX recordings_callee_by_started ON recordings (account, callee_number, started, id, status)
    WHERE status > 0 AND callee_number IS NOT NULL;
CREATE INDEX recordings_connection_by_created ON recordings (account, connection_id, created, id, status)
    WHERE status > 0 AND connection_id IS NOT NULL;
CREATE INDEX recordings_connection_by_started ON recordings (account, connection_id, started, id, status)
    WHERE status > 0 AND connection_id IS NOT NULL;
CREATE INDEX recordings_user_by_created ON recordings (account, user_id, created, id, status)
    WHERE status > 0 AND user_id IS NOT NULL;
CREATE INDEX recordings_user_by_started ON recordings (account, user_id, started, id, status)
    WHERE status > 0 AND user_id IS NOT NULL;

CREATE INDEX recordings_silent_by_created ON recordings (account, created, id, status)
    WHERE status > 0 AND media_state > 3;
CREATE INDEX recordings_silent_by_started ON recordings (account, started, id, status)
    WHERE status > 0 AND media_state > 3;

-- What these name is so little that it is gathered and sorted.
CREATE INDEX recordings_of_call ON recordings (account, call_id);
CREATE INDEX recordings_of_session ON recordings (account, call_session_id);
CREATE INDEX recordings_of_conference ON recordings (account, conference_id) WHERE conference_id IS NOT NULL;
CREATE INDEX recordings_of_sip_call ON recordings (account, sip_call_id) WHERE sip_call_id IS NOT NULL;

CREATE INDEX recordings_ended ON recordings (account, ended, status) WHERE status > 0 AND ended IS NOT NULL;
CREATE INDEX recordings_updated ON recordings (account, updated, status) WHERE status > 0;

-- What lies in stores of accounts' own.
CREATE INDEX recordings_elsewhere ON recordings (account, media_store) WHERE media_store <> 'main';

CREATE TABLE transcriptions (
    recording_id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL,
    id {bytes} NOT NULL,
    status {small} NOT NULL,
    created {integer} NOT NULL,
    said {text} NOT NULL
){table};

CREATE INDEX transcriptions_by_id ON transcriptions (id);
CREATE INDEX transcriptions_by_created ON transcriptions (account, created, id);
CREATE INDEX transcriptions_awaited ON transcriptions (created) WHERE status = 1;

-- Ids that vendors gave, and what they stand for.
CREATE TABLE aliases (
    account {integer} NOT NULL,
    dialect {text} NOT NULL,
    kind {text} NOT NULL,
    foreign_id {text} NOT NULL,
    core_id {bytes} NOT NULL,
    PRIMARY KEY (account, dialect, kind, foreign_id)
){clustered};

CREATE TABLE intake_keys (
    account {integer} NOT NULL,
    intake_key {text} NOT NULL,
    recording_id {bytes} NOT NULL,
    PRIMARY KEY (account, intake_key)
){clustered};

-- How many recordings there are: one row for each stretch of 2^shift milliseconds on an axis (counters.py).
CREATE TABLE counters (
    account {integer} NOT NULL,
    axis {small} NOT NULL,
    shift {small} NOT NULL,
    bucket {integer} NOT NULL,
    deleted {integer} NOT NULL,
    capturing {integer} NOT NULL,
    paused {integer} NOT NULL,
    processing {integer} NOT NULL,
    available {integer} NOT NULL,
    failed {integer} NOT NULL,
    split {small} NOT NULL,
    PRIMARY KEY (account, axis, shift, bucket)
){clustered};

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

-- Live calls, as whoever has them told last: "said" is JSON.  They are gone with their calls.
CREATE TABLE live_calls (
    take {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL,
    node {text} NOT NULL,
    said {text} NOT NULL
){table};

CREATE INDEX live_calls_of_account ON live_calls (account, take);
CREATE INDEX live_calls_of_node ON live_calls (node);

-- By what a live call may be asked for.
CREATE TABLE live_names (
    account {integer} NOT NULL,
    name {text} NOT NULL,
    take {bytes} NOT NULL,
    PRIMARY KEY (account, name, take)
){table};

CREATE INDEX live_names_of_take ON live_names (take);

-- Whoever has live calls, and when it last said so: milliseconds since 1970 on the database's own clock.
CREATE TABLE live_nodes (
    node {text} NOT NULL PRIMARY KEY,
    seen {integer} NOT NULL
){table};

-- Verbs on their way to whoever has a live call, and what was answered; verb and reply are JSON.
-- "taken" is 0 until somebody carries the order out: from then on it cannot be taken back.
CREATE TABLE orders (
    id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL,
    take {bytes} NOT NULL,
    node {text} NOT NULL,
    verb {text} NOT NULL,
    made {integer} NOT NULL,
    taken {integer} NOT NULL,
    reply {text}
){table};

CREATE INDEX orders_waiting ON orders (node, id) WHERE taken = 0;
CREATE INDEX orders_by_age ON orders (made);

-- Files on their way to the URLs that they were asked to be pushed to.  "claims" counts who took one, and "leased" is
-- until when the last of them has it for itself.  "clear" is 1 until the password in a URL of before is sealed.
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
    error {text},
    clear {small} NOT NULL DEFAULT 1
){table};

CREATE INDEX shipments_waiting ON shipments (due) WHERE state = 1;
CREATE INDEX shipments_clear ON shipments (recording_id) WHERE clear = 1;
