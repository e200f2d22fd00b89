-- The first schema.  One text for both engines: {integer}, {small}, {bytes} and {table} stand for what they spell
-- differently.  Ids are 16 raw bytes, times whole Unix milliseconds, words of the model small numbers (rows.py).

CREATE TABLE accounts (
    serial {integer} NOT NULL PRIMARY KEY,
    id {bytes} NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    created {integer} NOT NULL,
    settings TEXT NOT NULL
){table};

CREATE TABLE users (
    id {bytes} NOT NULL PRIMARY KEY,
    account {integer} NOT NULL REFERENCES accounts (serial),
    name TEXT NOT NULL,
    created {integer} NOT NULL,
    credential_digests TEXT NOT NULL,
    UNIQUE (account, name)
){table};

CREATE TABLE keys (
    id TEXT NOT NULL PRIMARY KEY,
    account {integer} NOT NULL REFERENCES accounts (serial),
    label TEXT NOT NULL,
    scopes TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    sealed {bytes},
    created {integer} NOT NULL,
    revoked {integer}
){table};

CREATE INDEX keys_of_account ON keys (account, created, id);

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
    conference_name TEXT,
    sip_call_id TEXT,
    connection_id TEXT,
    application_id TEXT,
    source {small} NOT NULL,
    origin {small} NOT NULL,
    direction {small} NOT NULL,
    media_state {small} NOT NULL,
    caller_number TEXT,
    caller_name TEXT,
    caller_country TEXT,
    caller_kind TEXT,
    callee_number TEXT,
    callee_name TEXT,
    callee_country TEXT,
    callee_kind TEXT,
    channels {small} NOT NULL,
    format {small} NOT NULL,
    duration_ms {integer} NOT NULL,
    media_store TEXT,
    media_key TEXT,
    media_size_bytes {integer},
    media_sha256 TEXT,
    media_format {small},
    media_codec TEXT,
    media_sample_rate {integer},
    media_samples {integer},
    label TEXT,
    transcribed {small} NOT NULL,
    revision {integer} NOT NULL,
    rest TEXT
){table};

CREATE INDEX recordings_by_created ON recordings (account, status, created, id);
CREATE INDEX recordings_by_started ON recordings (account, status, started, id);
CREATE INDEX recordings_of_call ON recordings (account, call_id);
CREATE INDEX recordings_of_session ON recordings (account, call_session_id);

CREATE TABLE transcriptions (
    recording_id {bytes} NOT NULL PRIMARY KEY,
    id {bytes} NOT NULL,
    status {small} NOT NULL,
    created {integer} NOT NULL,
    updated {integer} NOT NULL,
    completed {integer},
    locale TEXT,
    transcripts TEXT NOT NULL
){table};

CREATE TABLE aliases (
    account {integer} NOT NULL,
    dialect TEXT NOT NULL,
    kind TEXT NOT NULL,
    foreign_id TEXT NOT NULL,
    core_id {bytes} NOT NULL,
    PRIMARY KEY (account, dialect, kind, foreign_id)
){table};

CREATE TABLE intake_keys (
    account {integer} NOT NULL,
    intake_key TEXT NOT NULL,
    recording_id {bytes} NOT NULL,
    PRIMARY KEY (account, intake_key)
){table};
