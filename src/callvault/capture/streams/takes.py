"""Takes of media streams as files: begun, adopted from a process before this one, dropped, and handed over.

What does not live here: what is in them (``call``, ``protocols.spool``).
"""

from __future__ import annotations

import logging
from uuid import UUID

from callvault.capture.journals import JournalFile, read_journal
from callvault.capture.media.spool_file import SpoolFile
from callvault.capture.media.syncing import Syncing
from callvault.capture.spools import Spools
from callvault.capture.steering.helm import Bridge
from callvault.capture.streams.call import StreamCall
from callvault.capture.streams.gate import StreamGate
from callvault.capture.streams.names import DOORS, CallName, kept_name
from callvault.capture.streams.spooling import Spooling
from callvault.errors import MediaError
from callvault.protocols.media_streams.events import Format, Track
from callvault.protocols.spool.journal import DialogKept, Flowed, StreamAgreed

log = logging.getLogger("callvault.streams")


class Takes:
    """Of one spool folder."""

    def __init__(self, spools: Spools, syncing: Syncing, gate: StreamGate, bridge: Bridge) -> None:
        self._spools = spools
        self._gate = gate
        self.bridge = bridge
        self._syncing = syncing
        self._ending: list[StreamCall] = []
        self._syncs = 0

    @property
    def idle(self) -> bool:
        """Whether everything that ended has been handed over."""
        return not self._ending and not self._syncs

    def begin(self, take: UUID, name: CallName, coded: Format, at_ns: int) -> StreamCall:
        """The files of a new take.

        Raises:
            MediaError: the disk does not take them.
        """
        paths = self._spools.live(take)
        journal = JournalFile(paths.journal)
        try:
            spooling = Spooling(SpoolFile(paths.media))
        except MediaError:
            journal.close()
            paths.journal.unlink(missing_ok=True)
            raise
        call = StreamCall(take=take, name=name, format=coded, journal=journal, spooling=spooling, heard_ns=at_ns)
        self._gate.know(take, call.draw)
        return call

    def drop(self, call: StreamCall) -> None:
        """It never began: nothing of it is kept."""
        paths = self._spools.live(call.take)
        self._gate.forget(call.take)
        call.journal.close()
        call.spooling.file.close()
        paths.media.unlink(missing_ok=True)
        paths.journal.unlink(missing_ok=True)

    def adopted(self, now_ns: int) -> list[StreamCall]:
        """Those that a process before this one left; what had ended is handed over."""
        found = []
        for take in self._spools.live_takes():
            try:
                call = self._adopt(take, now_ns)
            except MediaError:
                log.exception("the take %s cannot be gone on with", take)
                continue
            if call is not None and call.over:
                self.end(call)
            elif call is not None:
                found.append(call)
        return found

    def _adopt(self, take: UUID, now_ns: int) -> StreamCall | None:
        paths = self._spools.live(take)
        journal = read_journal(paths.journal)
        if journal.begun is None or journal.begun.door not in DOORS:
            return None
        kept = next((each for each in reversed(journal.records) if isinstance(each, DialogKept)), None)
        try:
            name, coded = kept_name(kept.state if kept else {})
        except (KeyError, ValueError):  # then nobody can come back to it
            name, coded = CallName(trunk="", vendor="", call_id=str(take)), Format(encoding="", sample_rate=0)
        last_ns = max(path.stat().st_mtime_ns for path in (paths.media, paths.journal) if path.exists())
        call = self.begin(take, name, coded, min(last_ns, now_ns))
        call.lost_ns, call.adopted, call.over = call.heard_ns, True, journal.ended is not None
        if not call.over:
            call.steer(self.bridge, journal.begun, known=journal)
        agreed = [record.stream for record in journal.records if isinstance(record, StreamAgreed)]
        flowed = [record.stream for record in journal.records if isinstance(record, Flowed)]
        call.tracks |= {track for track in Track if track in agreed}
        call.flowing |= {track for track in Track if track in flowed}
        return call

    def end(self, call: StreamCall) -> None:
        """Its last packets are written and synced, then whoever finishes it gets it."""
        self._gate.forget(call.take)
        self._ending.append(call)
        self.tick()

    def tick(self) -> None:
        """Go on with what could not be written yet."""
        for call in [each for each in self._ending if each.spooling.flush(None)]:
            self._ending.remove(call)
            self._syncs += 1
            self._syncing.ask(call.spooling.file, lambda call=call: self._hand_over(call))  # type: ignore[misc]

    def _hand_over(self, call: StreamCall) -> None:
        self._syncs -= 1
        call.journal.close()
        call.spooling.file.close()
        try:
            self._spools.end(call.take)
        except OSError:
            log.exception("the take %s cannot be handed over; all of it is there still", call.take)
