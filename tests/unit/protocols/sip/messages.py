"""SIP messages that the tests say things about: RFC 4475's, and small ones made to measure."""

from __future__ import annotations

from pathlib import Path

GOLDEN = Path(__file__).parents[3] / "golden" / "protocols" / "sip"
TORTURE = {path.stem: path.read_bytes() for path in sorted((GOLDEN / "rfc4475").glob("*.sip"))}


def lines(*texts: str, body: bytes = b"") -> bytes:
    """A message of these lines, each ended by CRLF, and its body."""
    return "\r\n".join(texts).encode() + b"\r\n\r\n" + body


def options(*more: str, body: bytes = b"") -> bytes:
    """A request that lacks nothing, with further fields."""
    return lines(
        "OPTIONS sip:recorder@192.0.2.1 SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK776asdhds",
        "From: <sip:border@192.0.2.7>;tag=1928301774",
        "To: <sip:recorder@192.0.2.1>",
        "Call-ID: a84b4c76e66710",
        "CSeq: 63104 OPTIONS",
        *more,
        body=body,
    )
