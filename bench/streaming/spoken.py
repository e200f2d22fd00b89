"""What the sender sends: every octet is a function of stream, track and number.

Frames are Twilio's, ready for the wire.  What does not live here: the sending.
"""

from __future__ import annotations

import base64
import json
import struct

import numpy as np
import numpy.typing as npt

FRAME_BYTES = 160
TRACKS = ("inbound", "outbound")


def payloads(stream: int, track: int, frames: int) -> npt.NDArray[np.uint8]:
    """Of one track: shape (frames, 160)."""
    source = np.random.default_rng([stream, track])
    return source.integers(0, 256, (frames, FRAME_BYTES), dtype=np.uint8)


def opening(stream: int) -> bytes:
    """The first frames."""
    start = {
        "accountSid": "AC1",
        "streamSid": f"MZ{stream}",
        "callSid": f"CA{stream}",
        "tracks": list(TRACKS),
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {},
    }
    return _frame({"event": "connected", "protocol": "Call", "version": "1.0.0"}) + _frame(
        {"event": "start", "sequenceNumber": "1", "start": start, "streamSid": f"MZ{stream}"}
    )


def moments(stream: int, frames: int) -> list[bytes]:
    """What is sent each twenty milliseconds: a frame of each track."""
    spoken = [payloads(stream, track, frames) for track in range(len(TRACKS))]
    return [
        b"".join(
            _frame(
                {
                    "event": "media",
                    "sequenceNumber": str(2 + 2 * number + track),
                    "media": {
                        "track": name,
                        "chunk": str(number + 1),
                        "timestamp": str(57 + 20 * number),
                        "payload": base64.b64encode(spoken[track][number].tobytes()).decode(),
                    },
                    "streamSid": f"MZ{stream}",
                }
            )
            for track, name in enumerate(TRACKS)
        )
        for number in range(frames)
    ]


def closing(stream: int) -> bytes:
    """The last frame."""
    return _frame({"event": "stop", "sequenceNumber": "0", "stop": {"callSid": f"CA{stream}"}})


def _frame(told: dict[str, object]) -> bytes:
    """A text frame as a client sends it (RFC 6455 section 5.2); masked with zeros, which changes nothing."""
    text = json.dumps(told, separators=(",", ":")).encode()
    head = struct.pack("!BB", 0x81, 0x80 | len(text)) if len(text) < 126 else struct.pack("!BBH", 0x81, 0xFE, len(text))
    return head + bytes(4) + text
