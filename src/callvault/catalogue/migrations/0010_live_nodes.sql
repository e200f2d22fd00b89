-- Whoever has live calls, and when it last said so: milliseconds since 1970 on the database's own clock.
CREATE TABLE live_nodes (
    node {text} NOT NULL PRIMARY KEY,
    seen {integer} NOT NULL
){table};
