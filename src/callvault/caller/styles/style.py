"""What a style is: the plain reading of RFC 7866, in pieces that a vendor's own style says otherwise.

What lives here: how a request is put together, and its parts as the RFC would have them, the metadata excepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from callvault.caller.styles import description
from callvault.caller.styles.scene import Content, Dialogue, Line, Scene
from callvault.caller.styles.words import lined

Header = tuple[str, str]
_SPARE = frozenset(
    {"Via", "Max-Forwards", "Route", "From", "To", "Call-ID", "CSeq", "Contact", "User-Agent", "Authorization",
     "Proxy-Authorization"}
)  # fmt: skip
"""All that an ACK or a BYE says."""

EVENT_ENCODING = "telephone-event/8000"


class Style:
    """One vendor's way.  Class variables are habits; methods are texts."""

    name: ClassVar[str]
    """As on the command line."""
    about: ClassVar[str]
    """What is peculiar, in one line."""
    user_agent: ClassVar[str | None] = None
    boundary: ClassVar[str] = "callvault-boundary"
    metadata_type: ClassVar[str] = "application/rs-metadata+xml"
    requires_siprec: ClassVar[bool] = True
    first_cseq: ClassVar[int] = 1
    session_expires_s: ClassVar[int | None] = None
    """Offered in the INVITE (RFC 4028)."""
    refreshes_by: ClassVar[str] = "UPDATE"
    """The method that keeps the session alive."""
    suites: ClassVar[tuple[str, ...]] = ("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32")
    pads_keys: ClassVar[bool] = True
    mixed: ClassVar[bool] = False
    """One line for all voices."""
    most_streams: ClassVar[int | None] = None
    offers_late: ClassVar[bool] = False
    """No description in the INVITE: the recorder offers in its 200, and the ACK answers (RFC 3261 section 13.2.1)."""
    has_metadata: ClassVar[bool] = True
    names_one_first: ClassVar[bool] = False
    """The INVITE knows one party and its stream; a re-INVITE brings the other."""
    corrects_people: ClassVar[bool] = False
    """The INVITE names a dummy; an UPDATE of nothing but metadata says who it really is."""
    holds_twice: ClassVar[bool] = False
    """A hold sends two re-INVITEs, the second without an ACK for the first one's 200."""
    holds_by_address: ClassVar[bool] = False
    """A hold is the address 0.0.0.0, and no word about the direction (RFC 2543's way)."""
    adds_video: ClassVar[bool] = False
    pings: ClassVar[bool] = False
    """Asks by OPTIONS whether the recorder is there before it calls."""

    # The head

    def request(self, content: Content, scene: Scene, dialogue: Dialogue, extra: Sequence[Header] = ()) -> bytes:
        """The whole request."""
        kind, body = self.body(content, scene)
        octets = body.encode()
        headers = [*self.headers(content, scene, dialogue), *extra]
        if dialogue.method in {"ACK", "BYE"}:
            headers = [entry for entry in headers if entry[0] in _SPARE]
        if kind is not None:
            headers += [("Content-Type", kind), *self.body_headers(content)]
        headers.append(("Content-Length", str(len(octets))))
        lines = [f"{dialogue.method} {dialogue.target} SIP/2.0"]
        lines += [self.header_line(name, value) for name, value in headers]
        return lined([*lines, ""]).encode() + octets

    def header_line(self, name: str, value: str) -> str:
        """One line of the head."""
        return f"{name}: {value}"

    def headers(self, content: Content, scene: Scene, dialogue: Dialogue) -> list[Header]:  # noqa: ARG002 - for others
        """The head, in order, without what describes the body."""
        headers = [
            ("Via", self.via(scene, dialogue)),
            ("Max-Forwards", "70"),
            ("From", self.party(self.sender(scene), dialogue.from_tag)),
            ("To", self.party(scene.recorder, dialogue.to_tag)),
            ("Call-ID", dialogue.call_id),
            ("CSeq", f"{dialogue.cseq} {dialogue.method}"),
            ("Contact", self.contact(scene)),
        ]
        if self.requires_siprec:
            headers.append(("Require", "siprec"))
        headers += self.abilities(dialogue)
        if self.user_agent is not None:
            headers.append(("User-Agent", self.user_agent))
        return headers

    def via(self, scene: Scene, dialogue: Dialogue) -> str:
        """Where answers go; ``rport`` (RFC 3581) is asked for by most."""
        return f"SIP/2.0/{scene.transport.upper()} {self.here(scene)};rport;branch={dialogue.branch}"

    def here(self, scene: Scene) -> str:
        """Our own host and port."""
        host = f"[{scene.signalling_host}]" if ":" in scene.signalling_host else scene.signalling_host
        return f"{host}:{scene.signalling_port}"

    def sender(self, scene: Scene) -> str:
        """The URI in From."""
        return f"sip:recording@{self.here(scene)}"

    def party(self, uri: str, tag: str | None) -> str:
        """From or To."""
        return f"<{uri}>" + (f";tag={tag}" if tag is not None else "")

    def contact_uri(self, scene: Scene) -> str:
        """Where requests within the dialogue go."""
        transport = "" if scene.transport == "udp" else f";transport={scene.transport}"
        return f"sip:recording@{self.here(scene)}{transport}"

    def contact(self, scene: Scene) -> str:
        """With the feature tag of a recording client (RFC 7866 section 12.1.1)."""
        return f"<{self.contact_uri(scene)}>;+sip.src"

    def abilities(self, dialogue: Dialogue) -> list[Header]:
        """What we can do, in the requests that set the session up or change it."""
        headers = [("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE"), ("Supported", "timer, siprec")]
        if self.session_expires_s is not None and dialogue.method in {"INVITE", "UPDATE"}:
            headers += self.session_timer()
        return headers

    def session_timer(self) -> list[Header]:
        """We refresh the session ourselves (RFC 4028)."""
        return [("Session-Expires", f"{self.session_expires_s};refresher=uac"), ("Min-SE", "90")]

    # The body

    def body(self, content: Content, scene: Scene) -> tuple[str | None, str]:
        """The body and its media type; what the style has no metadata for has none here either."""
        if not self.has_metadata and content is Content.BOTH:
            content = Content.DESCRIPTION
        if content is Content.BOTH:
            return self.multipart_type(), self.multipart(self.describe(scene), self.metadata(scene))
        if content is Content.METADATA and self.has_metadata:
            return self.metadata_type, self.metadata(scene)
        if content is Content.DESCRIPTION:
            return "application/sdp", self.describe(scene)
        return None, ""

    def body_headers(self, content: Content) -> list[Header]:
        """What is said of the body beside its type."""
        return [("Content-Disposition", "recording-session")] if content is Content.METADATA else []

    def multipart_type(self) -> str:
        """The type of a body of two parts."""
        return f"multipart/mixed;boundary={self.boundary}"

    def multipart(self, described: str, metadata: str) -> str:
        """Description first, then metadata."""
        return self.joined(
            [
                (["Content-Type: application/sdp"], described),
                ([f"Content-Type: {self.metadata_type}", "Content-Disposition: recording-session"], metadata),
            ]
        )

    def joined(self, parts: Sequence[tuple[Sequence[str], str]]) -> str:
        """Parts, each with the lines of its head."""
        pieces = [lined([f"--{self.boundary}", *head, ""]) + content + "\r\n" for head, content in parts]
        return "".join(pieces) + f"--{self.boundary}--\r\n"

    # The description

    def describe(self, scene: Scene) -> str:
        """The offer."""
        lines = [
            "v=0",
            f"o=- {scene.origin} {self.described_version(scene)} {description.address(scene.signalling_host)}",
            "s=-",
            f"c={description.address(self.media_host(scene))}",
            "t=0 0",
        ]
        for line in self.ordered(scene):
            lines += self.media_lines(scene, line)
        return lined(lines)

    def described_version(self, scene: Scene) -> int:
        """The second number in ``o=`` (RFC 8866 section 5.2)."""
        return scene.origin + scene.version

    def media_host(self, scene: Scene) -> str:
        """Where audio comes from."""
        held = self.holds_by_address and not any(line.active for line in scene.lines if line.port)
        return "0.0.0.0" if held else scene.media_host  # noqa: S104 - told, and not listened on

    def ordered(self, scene: Scene) -> Sequence[Line]:
        """The lines as they are sent."""
        return scene.lines

    def media_lines(self, scene: Scene, line: Line) -> list[str]:  # noqa: ARG002 - others look at the scene
        """One line and its attributes."""
        lines = [description.media(line), *description.rtpmaps(line), f"a=ptime:{line.ptime_ms}"]
        if line.kind == "audio":
            lines.append(f"a=label:{self.label(line)}")
        lines += self.keys(line)
        return [*lines, *self.direction(line)]

    def keys(self, line: Line) -> list[str]:
        """The keys that are offered."""
        return [description.crypto(key, padded=self.pads_keys) for key in line.keys]

    def direction(self, line: Line) -> list[str]:
        """Whether it is sent."""
        return [] if self.holds_by_address and not line.active else [description.direction(line)]

    def label(self, line: Line) -> str:
        """RFC 4574."""
        return str(line.number + 1)

    # The metadata

    def metadata(self, scene: Scene) -> str:
        """Who is in the call, and whose stream is whose."""
        raise NotImplementedError
