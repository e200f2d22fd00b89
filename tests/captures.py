"""How a made-up call was captured: one stream with everything that a stream can have, and one with nothing."""

from __future__ import annotations

from dataclasses import replace

from callvault.model.capture import (
    Attendance,
    Capture,
    Captured,
    Digit,
    Gap,
    GapKind,
    Message,
    Oddity,
    StreamQuality,
)

STREAM = StreamQuality(
    stream=0,
    label="1",
    channel=1,
    codecs=("PCMU", "G722"),
    ssrcs=(7, 4_000_000_000),
    expected=50,
    received=49,
    lost=1,
    late=2,
    duplicated=3,
    unreadable=4,
    jitter_ms=0.25,
    jitter_most_ms=1.5,
    mos=4.1,
    gaps=(Gap(from_ms=20, through_ms=40, kind=GapKind.LOST),),
    digits=(Digit(at_ms=5, key="#", duration_ms=80),),
    dropped=6,
)
CAPTURED = Captured(
    capture=Capture(
        door="siprec",
        trunk="sbc",
        peer="udp:192.0.2.7:5060",
        reason="bye",
        streams=(STREAM, replace(STREAM, stream=1, label=None, channel=None, mos=None, gaps=(), digits=())),
        attendances=(
            Attendance(id="a", address="sip:ruth@example.net", name="Ruth", channel=1, from_ms=0, through_ms=1000),
        ),
        oddities=(Oddity(at_ms=0, code="label-unknown", sentence="The metadata names a label that the SDP has not."),),
    ),
    exchange=(Message(at_ms=0, sent=False, peer="udp:192.0.2.7:5060", text="INVITE sip:vault SIP/2.0\r\n\r\nä"),),
)
