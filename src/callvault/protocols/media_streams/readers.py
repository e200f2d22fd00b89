"""The vendors' readers by name: the one list that a new vendor adds to."""

from __future__ import annotations

from collections.abc import Mapping

from callvault.protocols.media_streams.bandwidth import BandwidthReader
from callvault.protocols.media_streams.events import Vendor
from callvault.protocols.media_streams.jambonz import JambonzReader
from callvault.protocols.media_streams.reader import Reader
from callvault.protocols.media_streams.signalwire import SignalWireReader
from callvault.protocols.media_streams.telnyx import TelnyxReader
from callvault.protocols.media_streams.twilio import TwilioReader

READERS: Mapping[Vendor, type[Reader]] = {
    reader.vendor: reader for reader in (TwilioReader, TelnyxReader, SignalWireReader, BandwidthReader, JambonzReader)
}
