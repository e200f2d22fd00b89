-- URLs of files that are pushed may have held passwords in clear so far.  A migration has no key to seal them with: it
-- marks them ("clear" is 1), and the next server that starts seals them.

ALTER TABLE shipments ADD COLUMN clear {small} NOT NULL DEFAULT 1;

CREATE INDEX shipments_clear ON shipments (recording_id) WHERE clear = 1;
