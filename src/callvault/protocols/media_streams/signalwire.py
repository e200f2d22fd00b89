"""SignalWire's frames: "Stream", developer.signalwire.com/compatibility-api/cxml/voice/stream, read 2026-11-21.

They are Twilio's, and lie in ``rawEvent`` with a few words around it; older ones come bare.  There is L16 of 16,000 and
24,000 samples a second too.  Its byte order is told nowhere; the media server below it writes samples as its processor
has them, the lower octet first, and so they are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from callvault.protocols.media_streams import fields
from callvault.protocols.media_streams.events import Event, Vendor
from callvault.protocols.media_streams.twilio import TwilioReader


class SignalWireReader(TwilioReader):
    """Of one connection."""

    vendor: ClassVar[Vendor] = Vendor.SIGNALWIRE

    def _read(self, told: Mapping[str, Any]) -> Event | None:
        within = fields.inner(told, "rawEvent") or told
        if within.get("event") == "clear":  # what was played is over; nothing of ours
            return None
        return super()._read(within)

    def _also_sent_by(self) -> frozenset[Vendor]:
        return frozenset({Vendor.SIGNALWIRE, Vendor.TWILIO})
