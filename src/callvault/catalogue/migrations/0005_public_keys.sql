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
