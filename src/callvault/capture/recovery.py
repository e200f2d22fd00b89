"""After a crash: takes that nobody captures any more are ended, so that they are finished from what came.

What does not live here: finishing (``finisher``).  A take whose sockets nobody has any more has lost whatever was sent
since.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from uuid import UUID

from callvault.capture.journals import JournalFile, read_journal
from callvault.capture.spools import SpoolPaths, Spools
from callvault.protocols.spool.journal import Ended, Reason

log = logging.getLogger("callvault.recovery")


def recover(spools: Spools, *, alive: Collection[UUID] = ()) -> Sequence[UUID]:
    """End every live take where its last octet came; may be repeated, and cut short.  Answers which they were.

    ``alive``: takes whose sockets somebody still has.

    Raises:
        MediaError: the disk does not let us; everything is there still.
    """
    takes = [take for take in spools.live_takes() if take not in alive]
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
