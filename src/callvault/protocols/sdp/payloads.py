"""What payload types stand for: the static table, ``a=rtpmap`` and ``a=fmtp``, and which of them are recorded.

What does not live here: decoding (``audio``).
"""

from __future__ import annotations

import re
from collections.abc import Collection

from callvault.protocols.sdp.description import Media
from callvault.protocols.spool.journal import Payload

STATIC = {
    0: ("PCMU", 8000, 1),  # RFC 3551 section 6
    3: ("GSM", 8000, 1),
    4: ("G723", 8000, 1),
    5: ("DVI4", 8000, 1),
    6: ("DVI4", 16000, 1),
    7: ("LPC", 8000, 1),
    8: ("PCMA", 8000, 1),
    9: ("G722", 8000, 1),
    10: ("L16", 44100, 2),
    11: ("L16", 44100, 1),
    12: ("QCELP", 8000, 1),
    13: ("CN", 8000, 1),
    14: ("MPA", 90000, 1),
    15: ("G728", 8000, 1),
    16: ("DVI4", 11025, 1),
    17: ("DVI4", 22050, 1),
    18: ("G729", 8000, 1),
    19: ("CN", 8000, 1),  # reserved in RFC 3551; Cisco's gateways still name it for comfort noise
}
VOICES = frozenset(
    {"PCMU", "PCMA", "L16", "G722", "OPUS", "G729", "G723", "GSM", "ILBC", "AMR", "AMR-WB"}
    | {f"{packing}G726-{kbits}" for packing in ("", "AAL2-") for kbits in (16, 24, 32, 40)}
)
"""Encodings that are recorded."""
COMPANIONS = frozenset({"TELEPHONE-EVENT", "CN"})
"""Encodings that come with a voice: keys that are pressed, and comfort noise."""

_RTPMAP = re.compile(r"([0-9]{1,3})\s+([^\s/]+)(?:\s*/\s*([0-9]{1,6})(?:\s*/\s*([0-9]{1,2}))?)?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,3}", re.ASCII)
_PACKED_OTHERWISE = re.compile(r"(?:crc|robust-sorting)\s*=\s*1|interleaving\s*=", re.IGNORECASE)
"""Parameters of AMR (RFC 4867 section 8.1) under which packets are not unpacked here (``audio.amr``)."""


def payloads_of(media: Media) -> tuple[Payload, ...]:
    """The payload types of a media line in their order; those that nobody knows are left out."""
    mapped = dict(_mapped(media))
    parameters = _parameters(media)
    found: dict[int, Payload] = {}
    for word in media.formats:
        number = int(word) if _NUMBER.fullmatch(word) else 128
        name, clock_rate, channels = mapped.get(number) or STATIC.get(number, ("", 0, 0))
        if number < 128 and name and clock_rate:
            found[number] = Payload(
                number=number,
                name=name,
                clock_rate=clock_rate,
                channels=channels,
                parameters=parameters.get(number, ""),
            )
    return tuple(found.values())


def recorded(media: Media, voices: Collection[str] = VOICES) -> tuple[Payload, ...]:
    """What is taken of a media line, in the client's order: empty where there is no voice among it."""
    taken = tuple(each for each in payloads_of(media) if _is_voice(each, voices) or each.name in COMPANIONS)
    return taken if any(each.name in voices for each in taken) else ()


def rtpmap(payload: Payload) -> str:
    """The attribute that says what the payload type is, as an answer has it."""
    channels = f"/{payload.channels}" if payload.channels != 1 else ""
    name = payload.name.lower() if payload.name in {"OPUS", "TELEPHONE-EVENT"} else payload.name
    return f"rtpmap:{payload.number} {name}/{payload.clock_rate}{channels}"


def _is_voice(payload: Payload, voices: Collection[str]) -> bool:
    """Of one channel (Opus names two, whatever it carries, RFC 7587), and in a form that can be unpacked."""
    if payload.name not in voices or (payload.channels > 1 and payload.name != "OPUS"):
        return False
    return payload.name not in {"AMR", "AMR-WB"} or _PACKED_OTHERWISE.search(payload.parameters) is None


def _mapped(media: Media) -> list[tuple[int, tuple[str, int, int]]]:
    entries = []
    for value in media.section.attributes("rtpmap"):
        match = _RTPMAP.match(value)
        if match is None:
            continue
        number, name = int(match[1]), match[2].upper()
        clock_rate = int(match[3] or STATIC.get(number, ("", 8000, 1))[1])
        if name == "G722":
            clock_rate = 8000  # RFC 3551 section 4.5.2; some write what the codec samples at
        entries.append((number, (name, clock_rate, max(1, int(match[4] or 1)))))
    return entries


def _parameters(media: Media) -> dict[int, str]:
    found: dict[int, str] = {}
    for value in media.section.attributes("fmtp"):
        word, _, parameters = value.partition(" ")
        if _NUMBER.fullmatch(word):
            found.setdefault(int(word), parameters.strip())
    return found
