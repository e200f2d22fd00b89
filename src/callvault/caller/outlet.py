"""The sockets that a stream leaves by, and the account of what has left.

What lives here: sending one packet, reports about the stream, counting.  What does not: when packets are due
(``player``), which there are (``timeline``).
"""

from __future__ import annotations

import socket
import time

from callvault.caller import report, rtcp
from callvault.caller.report import StreamReport
from callvault.caller.rtp import Packet
from callvault.caller.srtp import Protection
from callvault.caller.timeline import Departure
from callvault.errors import HouseError


class Outlet:
    """One stream's way out."""

    def __init__(self, number: int, host: str) -> None:
        self.number = number
        self._host = host
        self._media, self._reports = _pair(host)
        self._moved: socket.socket | None = None
        self.port: int = self._media.getsockname()[1]
        self.to: tuple[str, int] | None = None
        self.reports_to: tuple[str, int] | None = None
        self.protection: Protection | None = None
        self.changes_key_at_s: float | None = None
        self.wanted = True
        """Whether the recorder wants packets just now."""
        self.label = ""
        self.begins_at_s = 0.0
        self.made: list[Departure] = []
        """What the sender has made, in order, what is lost on its way too."""
        self.left: list[tuple[float, bytes]] = []
        self.sent: dict[tuple[int, int], Departure] = {}
        self._octets = 0
        self._last: Departure | None = None
        self._protected: dict[tuple[int, int], bytes] = {}

    def close(self) -> None:
        """Give the ports back."""
        for each in (self._media, self._reports, self._moved):
            if each is not None:
                each.close()

    def move(self) -> None:
        """Leave by another port from now on."""
        self._moved = _socket(self._host)

    def depart(self, departure: Departure) -> None:
        """Send one packet, now."""
        if self.to is None or not self.wanted:
            return
        packet = departure.packet
        octets = self._octets_of(packet)
        (self._moved or self._media).sendto(octets, self.to)
        self.left.append((time.time(), octets))
        self.sent.setdefault((packet.ssrc, packet.sequence), departure)
        self._octets += len(packet.payload)
        if departure.codec is not None:
            self._last = departure

    def _octets_of(self, packet: Packet) -> bytes:
        """As they left the sender: protected in its order, whatever the network does to the order afterwards."""
        if self.protection is None:
            return packet.octets()
        key = (packet.ssrc, packet.sequence)
        while key not in self._protected:
            made = self.made[len(self._protected)]
            octets = self.protection.rtp(made.packet.octets(), changed=self._has_changed_key(made))
            self._protected[made.packet.ssrc, made.packet.sequence] = octets
        return self._protected[key]

    def _has_changed_key(self, departure: Departure) -> bool:
        return self.changes_key_at_s is not None and self.begins_at_s + departure.at_s >= self.changes_key_at_s

    def tell(self, cname: str, *, passed_s: float) -> None:
        """Send a sender report: which timestamp is now."""
        last = self._last
        if self.reports_to is None or last is None or last.codec is None:
            return
        ahead = (passed_s - self.begins_at_s - last.at_s) * last.codec.clock_rate
        self._report(self._sender_report(last, round(ahead), cname))

    def part(self, cname: str) -> None:
        """Send a good-bye."""
        if self._last is not None:
            self._report(self._sender_report(self._last, 0, cname) + rtcp.goodbye(self._last.packet.ssrc))

    def _sender_report(self, last: Departure, ahead: int, cname: str) -> bytes:
        ssrc, timestamp = last.packet.ssrc, last.packet.timestamp + ahead
        report_ = rtcp.sender_report(
            ssrc, unix_s=time.time(), timestamp=timestamp, packets=len(self.left), octets=self._octets
        )
        return report_ + rtcp.source_description(ssrc, cname)

    def _report(self, octets: bytes) -> None:
        if self.reports_to is not None:
            self._reports.sendto(self.protection.rtcp(octets) if self.protection else octets, self.reports_to)

    def report(self) -> StreamReport:
        """What has left."""
        sent = sorted(self.sent.values(), key=lambda departure: (departure.at_s, departure.packet.sequence))
        first = sent[0].packet if sent else None
        return StreamReport(
            number=self.number,
            label=self.label,
            port=self.port,
            to_port=self.to[1] if self.to else 0,
            ssrcs=tuple(dict.fromkeys(departure.packet.ssrc for departure in sent)),
            codecs=tuple(dict.fromkeys(departure.codec.name for departure in sent if departure.codec is not None)),
            packets=len(self.left),
            lost=len(self.made) - len(self.sent),
            first_timestamp=first.timestamp & 0xFFFFFFFF if first else None,
            first_sent_at=report.moment(self.left[0][0]) if self.left else None,
            begins_at_s=self.begins_at_s,
            sent=tuple(sent),
        )


def _socket(host: str, port: int = 0) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.bind((host, port))
    except OSError:
        opened.close()
        raise
    return opened


def _pair(host: str) -> tuple[socket.socket, socket.socket]:
    """Two sockets on an even port and the next one (RFC 3550 section 11)."""
    for _ in range(100):
        media = _socket(host)
        port = media.getsockname()[1]
        try:
            if port % 2 == 0:
                return media, _socket(host, port + 1)
        except OSError:
            pass
        media.close()
    raise HouseError(f"There are no two neighbouring ports free on {host}.")
