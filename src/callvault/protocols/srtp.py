"""SRTP (RFC 3711) with keys from the signalling (SDES, RFC 4568): what comes encrypted is read.

What does not live here: the ciphers (libsrtp, by pylibsrtp), what a key is (``srtp_keys``), the ``a=crypto`` lines
(``sdp``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pylibsrtp
from numpy.typing import NDArray

from callvault.errors import ProtocolError
from callvault.protocols.spool.batch import Batch
from callvault.protocols.srtp_keys import KEY_BYTES, SrtpKey

PROFILES = {
    "AES_CM_128_HMAC_SHA1_80": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
    "AEAD_AES_128_GCM": pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "AEAD_AES_256_GCM": pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
}
"""By the suite's name in ``a=crypto`` (RFC 4568 section 6.2, RFC 7714 section 14.1)."""
MOST_BYTES = 1500
"""Of a packet: pylibsrtp takes no longer ones, and no audio needs them."""
RETRY = 50
"""Every so many packets that no session opens, a new one is tried."""
MOST_SESSIONS = 16
"""Beside the first one of each key."""
MOST_ROLLOVERS = 66
"""That are looked for: a day of packets of 20 ms."""
MOST_SEARCHES = 16
"""In a row: whoever forges packets does not keep us busy."""
_AHEAD, _STRIDE = 2000, 30_000
"""Packets: how far behind a packet the counter is led, and in which steps; less than 2^15, and within the window."""
_HEAD = b"\x80\0"


@dataclass(kw_only=True, slots=True, eq=False)
class _Lock:
    """A session of libsrtp under one key; several where the sender counted anew."""

    key: SrtpKey
    session: pylibsrtp.Session
    opened: int = 0
    """Packets."""


class Opener:
    """Decrypts what one stream's sender sends, under whichever of its keys that is.

    libsrtp is not told of identifiers (pylibsrtp has no words for them): a packet's own chooses the session, and is
    taken out before.
    """

    def __init__(
        self, keys: Sequence[SrtpKey], *, clear: Sequence[tuple[int, int]] = (), reports: bool = False
    ) -> None:
        """``keys``: in the order in which they were told.

        ``clear``: spans of arrivals (ns) in which the sender may have sent without encryption.  ``reports``: what
        comes is SRTCP.

        Raises:
            ProtocolError: an unknown suite, or a key of the wrong length.
        """
        self._policies = [(key, _policy(key)) for key in dict.fromkeys(keys)]
        self._locks = [_Lock(key=key, session=pylibsrtp.Session(policy)) for key, policy in self._policies]
        self._most = len(self._locks) + MOST_SESSIONS
        self._clear = clear
        self._reports = reports
        self._in_a_row = 0
        self._searches = 0
        """For a rollover counter, without success."""
        self.refused = 0
        """Packets that cannot be read: forged, or of another key."""
        self.unknown = 0
        """Those among them that name a key which nobody told."""
        self.repeated = 0
        """Packets that had come before, by libsrtp's list."""

    @property
    def worn(self) -> list[tuple[SrtpKey, int]]:
        """Keys under which more packets came than they are good for, and how many that were."""
        came = [(key, sum(lock.opened for lock in self._locks if lock.key == key)) for key, _ in self._policies]
        return [(key, packets) for key, packets in came if key.lifetime is not None and packets > key.lifetime]

    def open(self, batch: Batch) -> Batch:
        """The batch in clear."""
        opened: list[bytes] = []
        rows: list[int] = []
        for row, packet in enumerate(batch.packets()):
            clear = self.open_one(packet)
            if clear is None and self._may_be_clear(int(batch.arrivals_ns[row])):
                clear = packet
            if clear is None:
                self.refused += 1
                self.unknown += not any(lock.key.opens(packet, reports=self._reports) for lock in self._locks)
            elif clear:
                opened.append(clear)
                rows.append(row)
        lengths: NDArray[np.uint16] = np.array([len(packet) for packet in opened], dtype=np.uint16)
        return Batch(
            stream=batch.stream,
            content=batch.content,
            arrivals_ns=batch.arrivals_ns[rows],
            lengths=lengths,
            data=np.frombuffer(b"".join(opened), dtype=np.uint8),
        )

    def open_one(self, packet: bytes) -> bytes | None:
        """A packet in clear; empty where it came before, None where no key opens it."""
        named = False
        for place, lock in enumerate(self._locks):
            bare = packet
            if lock.key.mki:
                if not lock.key.opens(packet, reports=self._reports):
                    continue
                bare = lock.key.bare(packet, reports=self._reports)
            named = True
            clear = self._tried(lock.session, bare)
            if clear is not None:
                if place:  # the sender has gone on to this one
                    self._locks.insert(0, self._locks.pop(place))
                self._in_a_row = 0
                lock.opened += clear != b""
                return clear
        if not named:  # another key will not help
            return None
        self._in_a_row += 1
        return self._begun_anew(packet) if self._in_a_row % RETRY == 1 else None

    def _begun_anew(self, packet: bytes) -> bytes | None:
        """Of a sender that starts its sequence numbers again under a key that it had: its index counts from 0 again.

        Or of one whose numbers have run over, who knows how often, while nothing of it was kept.
        """
        for key, policy in self._policies if len(self._locks) < self._most else ():
            if not key.opens(packet, reports=self._reports):
                continue
            bare = key.bare(packet, reports=self._reports)
            for session in self._rolled_over(policy, bare):
                clear = self._tried(session, bare)
                if clear is not None:
                    self._locks.insert(0, _Lock(key=key, session=session, opened=1))
                    self._in_a_row = self._searches = 0
                    return clear
        self._searches += 1
        return None

    def _rolled_over(self, policy: pylibsrtp.Policy, packet: bytes) -> Iterator[pylibsrtp.Session]:
        """The same session again and again, which takes the packet for one behind 0, 1, 2, ... rollovers.

        A receiver that comes late has to know the rollover counter (RFC 3711 section 3.3.1).  libsrtp lets nobody set
        it, so it is led there: with packets of our own, under the sender's key.
        """
        session = pylibsrtp.Session(policy)
        yield session
        if self._reports or len(packet) < 12 or self._searches >= MOST_SEARCHES:  # SRTCP tells its whole index
            return
        leader = pylibsrtp.Session(_leading(policy))
        number = index = int.from_bytes(packet[2:4])
        for rollovers in range(1, MOST_ROLLOVERS + 1):
            before = (rollovers << 16 | number) - _AHEAD
            while index < before:
                session.unprotect(leader.protect(_HEAD + (index & 0xFFFF).to_bytes(2) + bytes(4) + packet[8:12]))
                index = min(index + _STRIDE, before)
            yield session

    def _tried(self, session: pylibsrtp.Session, packet: bytes) -> bytes | None:
        if len(packet) > MOST_BYTES:
            return None
        try:
            return session.unprotect_rtcp(packet) if self._reports else session.unprotect(packet)
        except pylibsrtp.Error as error:
            if "replay" not in str(error) or "old" in str(error):  # what seems too old may be ahead by as much
                return None
            self.repeated += 1
            return b""

    def _may_be_clear(self, arrival_ns: int) -> bool:
        return any(since <= arrival_ns < until for since, until in self._clear)


def _leading(policy: pylibsrtp.Policy) -> pylibsrtp.Policy:
    """For packets of our own under a sender's key."""
    return pylibsrtp.Policy(
        key=bytes(policy.key or b""),
        ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND,
        srtp_profile=policy.srtp_profile,
    )


def _policy(key: SrtpKey) -> pylibsrtp.Policy:
    suite, secret = key.suite, key.secret
    if suite not in PROFILES:
        raise ProtocolError(f"The SRTP suite {suite!r} is not known here; {', '.join(PROFILES)} are.")
    if len(secret) != KEY_BYTES[suite]:
        raise ProtocolError(f"A key of {suite} has {KEY_BYTES[suite]} octets with its salt, not {len(secret)}.")
    policy = pylibsrtp.Policy(key=secret, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=PROFILES[suite])
    policy.window_size = 8192  # what comes two thousand packets late is in the recording all the same
    return policy
