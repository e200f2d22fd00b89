"""What is journalled of one call, as it happens; a disk that does not let us does not end the call.

What does not live here: files (``capture.journals``), and what a record says (``protocols.spool.journal``).
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from callvault.capture.journals import JournalFile
from callvault.errors import MediaError
from callvault.protocols.sdp.crypto import struck_out
from callvault.protocols.sip.dialog import Dialog
from callvault.protocols.spool.journal import DialogKept, Exchanged, Record

log = logging.getLogger("callvault.siprec")

_PROOF = re.compile(r'(^Authorization:.*?response=")[^"\r\n]*', re.IGNORECASE | re.MULTILINE)


class Ledger:
    """One take's journal."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it.

        Raises:
            MediaError: it cannot be written.
        """
        self._file = JournalFile(path)
        self._complained = False

    def begin(self, *records: Record) -> None:
        """Write what a take begins with.

        Raises:
            MediaError: it cannot be written, so the take must not begin.
        """
        self._file.write(*records)

    def write(self, *records: Record) -> None:
        """Write what has become true; what cannot be written now goes with the next records."""
        try:
            self._file.write(*records)
        except MediaError as error:
            if not self._complained:
                log.error("a call goes on, and what is said in it cannot be written down: %s", error)  # noqa: TRY400
            self._complained = True
        else:
            self._complained = False

    def commit(self, *records: Record) -> None:
        """Write what is about to be claimed, and all before it; what cannot be written now never will be.

        Raises:
            MediaError: none of it was written, so it must not be claimed.
        """
        self._file.commit(*records)

    def exchanged(self, data: bytes, *, sent: bool, peer: str, at_ns: int) -> None:
        """A SIP message came or went."""
        self.write(Exchanged(at_ns=at_ns, sent=sent, peer=peer, message=kept_message(data)))

    def dialog(self, dialog: Dialog | None, at_ns: int) -> None:
        """The state of the dialog, where there is one."""
        if dialog is not None:
            self.write(DialogKept(at_ns=at_ns, state=dialog.document()))

    def close(self) -> None:
        """Let go of the file; may be repeated."""
        self._file.close()


def kept_message(data: bytes) -> str:
    """A message as it is kept: every octet, but for keys of SRTP and proofs of passwords."""
    text = data.decode("latin-1")
    small = text.lower()  # most messages have neither, and are searched quickest so
    if "crypto" in small:
        text = struck_out(text)
    return _PROOF.sub(r"\1***", text) if "authorization" in small else text
