-- Recordings without audio are few, and are asked for by that: absent or erased, in the order of a page.

CREATE INDEX recordings_silent_by_created ON recordings (account, created, id, status)
    WHERE status > 0 AND media_state > 3;
CREATE INDEX recordings_silent_by_started ON recordings (account, started, id, status)
    WHERE status > 0 AND media_state > 3;
