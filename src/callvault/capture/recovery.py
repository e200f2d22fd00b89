"""After a crash: takes that nobody captures any more are ended, so that they are finished from what came.

What does not live here: finishing (``finisher``).  This is for a node on which no capture runs: its takes have lost
their sockets, and whatever was sent since is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from callvault.capture.journals import JournalFile, read_journal
from callvault.capture.spools import SpoolPaths, Spools
from callvault.protocols.spool.journal import Ended, Reason

log = logging.getLogger("callvault.recovery")


def recover(spools: Spools) -> Sequence[UUID]:
    """End every live take where its last octet came; may be repeated, and cut short.  Answers which they were.

    Raises:
        MediaError: the disk does not let us; everything is there still.
    """
    takes = spools.live_takes()
    for take in takes:
        paths = spools.live(take)
        if paths.journal.exists() and read_journal(paths.journal).ended is None:
            ended = Ended(at_ns=_last_sign_ns(paths), reason=Reason.INTERRUPTED)
            journal = JournalFile(paths.journal)
            try:
                journal.write(ended)
            finally:
                journal.close()
            log.warning("the call of take %s was interrupted, and is finished from what came of it", take)
        lost = not paths.journal.exists()
        spools.end(take)
        if lost:
            kept = spools.set_aside(take, "There are packets and no journal, so nobody knows whose call it was.")
            log.error("the take %s has no journal; what came is kept beside %s", take, kept)
    return takes


def _last_sign_ns(paths: SpoolPaths) -> int:
    """When something was written last."""
    return max(path.stat().st_mtime_ns for path in (paths.media, paths.journal) if path.exists())
