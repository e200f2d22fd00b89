"""What real clients' styles send, as files: a request for each thing that happens in a made-up call."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callvault.protocols.multipart import Part, split_body

FOLDER = Path(__file__).parents[3] / "golden" / "protocols" / "siprec"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One request, cut by nothing of callvault's: first line, header fields, body."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known.lower() == name.lower()), "")

    @property
    def parts(self) -> tuple[Part, ...]:
        return split_body(self.header("Content-Type"), self.body)

    def part(self, kind: str) -> bytes:
        """The content of the one part whose media type begins so."""
        (found,) = (part.content for part in self.parts if part.media_type.startswith(kind))
        return found


def sent(client: str, name: str) -> Sent:
    """Read ``client/name.sip``."""
    head, _, body = (FOLDER / client / f"{name}.sip").read_bytes().partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    headers = tuple((name, value.strip()) for name, _, value in (each.partition(":") for each in fields))
    return Sent(line=line, headers=headers, body=body)


FILES = sorted((path.parent.name, path.stem) for path in FOLDER.glob("*/*.sip"))
CLIENTS = sorted({client for client, _ in FILES})
OFFERS = [(client, name) for client, name in FILES if b"\r\nv=0\r\n" in (FOLDER / client / f"{name}.sip").read_bytes()]
DOCUMENTS = [
    (client, name)
    for client, name in FILES
    if b"application/rs-metadata" in (FOLDER / client / f"{name}.sip").read_bytes()
]
