"""A sentence on every field of a capture, for readers of the description."""

from __future__ import annotations

CAPTURE = {
    "door": "`siprec`, or the kind of media stream.",
    "trunk": "The trunk's name.",
    "peer": "Where the call came from.",
    "reason": "Why the capture ended: `bye`, `silent`, `interrupted`, ...",
    "streams": "Each stream, as it arrived.",
    "attendances": "Who was in the call, and when.",
    "oddities": "What the client did otherwise than it should have; it was recorded all the same.",
}

STREAM = {
    "stream": "From 0, in the order of the media lines.",
    "label": "`a=label` of the media line.",
    "channel": "The channel of the recording, from 1.",
    "codecs": "Encoding names, in the order in which they came.",
    "ssrcs": "Synchronisation sources, in the order in which they came.",
    "expected": "RTP packets that the sender sent, by their numbers.",
    "received": "Those that arrived, each once.",
    "lost": "Those that did not.",
    "late": "Those that came after a later one; they are in the audio.",
    "duplicated": "Those that came again.",
    "unreadable": "Packets that were no RTP, or could not be decrypted or decoded.",
    "jitter_ms": "Mean interarrival jitter (RFC 3550 section 6.4.1).",
    "jitter_most_ms": "And the most of it.",
    "mos": "Mean opinion score, estimated by the E-model (ITU-T G.107).",
    "gaps": "Stretches without audio; silence in the recording.",
    "digits": "Keys that were pressed (RFC 4733).",
    "dropped": "Packets that reached the server's machine and are lost all the same: it was too busy to take them.",
}

GAP = {
    "from_ms": "From the beginning of the recording.",
    "through_ms": "Where audio goes on.",
    "kind": "`lost`: packets that never came; `held`: none were meant to come; `quiet`: the sender had nothing to say; "
    "`late`: before the stream began or after it ended; `masked`: struck out at somebody's wish.",
}

DIGIT = {"at_ms": "From the beginning of the recording.", "key": "The key.", "duration_ms": "How long it was held."}

ATTENDANCE = {
    "id": "As the client calls the participant; good within this capture.",
    "address": "A SIP or tel URI, or what the client puts there.",
    "name": "The display name.",
    "channel": "The channel that has this voice, from 1.",
    "from_ms": "From the beginning of the recording.",
    "through_ms": "When the participant left.",
}

ODDITY = {
    "at_ms": "From the beginning of the recording.",
    "code": "What a program compares.",
    "sentence": "What came, and what would have been right.",
}

MESSAGE = {
    "at_ms": "From the beginning of the recording; negative before it.",
    "sent": "By this server.",
    "peer": "Transport and address of the other side.",
    "text": "The message, each octet one character; keys are struck out.",
}
