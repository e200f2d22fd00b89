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
