"""What a media stream's call is called: by the vendor, in the journal, and by whoever takes it over.

What does not live here: the call itself (``call``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callvault.protocols.conference import told_conference
from callvault.protocols.media_streams.events import Format, Started, Track, Vendor
from callvault.protocols.spool.journal import Attended, DialogKept, Named, Participant, Record

_DIALECTS: Mapping[Vendor, tuple[str, str]] = {
    Vendor.TWILIO: ("signalwire", "call"),  # whose dialect speaks Twilio's API too
    Vendor.SIGNALWIRE: ("signalwire", "call"),
    Vendor.TELNYX: ("telnyx", "call_control"),
    Vendor.BANDWIDTH: ("bandwidth", "call"),
    Vendor.JAMBONZ: ("callvault", "call"),  # there is no dialect of jambonz', and our own API finds it so
}
"""In whose dialect the call's id means what."""
_OTHER_IDS: Mapping[str, str] = {"call_session_id": "session", "call_leg_id": "call"}


def door_of(vendor: Vendor) -> str:
    """What a take's journal says of how it came."""
    return f"{vendor.value}-stream"


DOORS = frozenset(door_of(vendor) for vendor in Vendor)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallName:
    """By which a later connection is known to be of the same call."""

    trunk: str
    vendor: str
    call_id: str

    def state(self, coded: Format) -> dict[str, Any]:
        """For the journal, so that a successor of this process can know it too."""
        return {
            "trunk": self.trunk,
            "vendor": self.vendor,
            "call_id": self.call_id,
            "encoding": coded.encoding,
            "sample_rate": coded.sample_rate,
            "little_endian": coded.little_endian,
        }


def kept_name(state: Mapping[str, Any]) -> tuple[CallName, Format]:
    """Turn ``CallName.state`` back.

    Raises:
        KeyError, ValueError: it is none.
    """
    name = CallName(trunk=state["trunk"], vendor=state["vendor"], call_id=state["call_id"])
    coded = Format(encoding=state["encoding"], sample_rate=state["sample_rate"], little_endian=state["little_endian"])
    return name, coded


def first_words(name: CallName, started: Started, at_ns: int, *, hidden: str) -> list[Record]:
    """What a start says of the call: its names, who is in it, and how a successor of ours knows it again.

    ``hidden``: the parameter that is written nowhere.
    """
    parameters = {word: value for word, value in started.parameters.items() if word != hidden}
    ids = {"account_id": started.account_id, "stream_id": started.stream_id, **started.ids}
    extras: dict[str, Any] = {word: value for word, value in ids.items() if value is not None}
    extras |= {"vendor": started.vendor.value, "vendor_call_id": started.call_id}
    if parameters:
        extras["parameters"] = parameters
    conference = told_conference(parameters)
    records: list[Record] = [
        Named(
            at_ns=at_ns,
            session_id=started.ids.get("call_session_id") or started.call_id,
            sip_call_id=started.ids.get("callId"),
            direction=started.direction,
            foreign=_foreign(started, conference.id),
            conference_name=conference.name,
            extras=extras,
        )
    ]
    people = _people(started)
    if people:
        records.append(Attended(at_ns=at_ns, participants=people))
    return [*records, DialogKept(at_ns=at_ns, state=name.state(started.format))]


def _foreign(started: Started, conference: str | None) -> dict[str, dict[str, str]]:
    dialect, kind = _DIALECTS[started.vendor]
    others = {_OTHER_IDS[name]: value for name, value in started.ids.items() if name in _OTHER_IDS}
    if conference is not None:
        others["conference"] = conference
    return {dialect: {kind: started.call_id, **others}}


def _people(started: Started) -> tuple[Participant, ...]:
    """Caller and callee, as far as they are told; the inbound track has the far party's voice."""
    if not (started.caller or started.callee or started.direction):
        return ()
    far = (int(Track.INBOUND),)
    near = far if started.mixed else (int(Track.OUTBOUND),)
    sends: tuple[tuple[int, ...], ...] = (far, near)
    if started.direction == "outbound":  # alone the callee's voice would be taken for who is named first
        sends = ((), ()) if started.tracks == (Track.INBOUND,) and not started.mixed else (near, far)
    return tuple(
        Participant(id=word, address=address, sends=voice)
        for word, address, voice in zip(("caller", "callee"), (started.caller, started.callee), sends, strict=True)
    )
