"""OpenSIPS with its siprec module, and rtpengine as the source of the streams (seen on the wire)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callvault.caller.styles.scene import Content, Dialogue, Line, Scene
from callvault.caller.styles.style import Header, Style
from callvault.caller.styles.words import base64_id, lined, numeric_zone, quoted, text


class OpenSips(Style):
    """From is To; labels from 0 and the lines turned round; the description's version never changes."""

    name = "opensips"
    about = "labels from 0, lines reversed, From = To, twelve suites, two re-INVITEs for a hold"
    user_agent = "OpenSIPS (3.4.2 (x86_64/linux))"
    boundary = "OSS-unique-boundary-42"
    first_cseq = 2
    refreshes_by = "INVITE"
    holds_twice = True
    pads_keys = False
    suites = (
        "AEAD_AES_256_GCM", "AEAD_AES_128_GCM", "AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32",
        "AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32",
        "F8_128_HMAC_SHA1_80", "F8_128_HMAC_SHA1_32", "NULL_HMAC_SHA1_80", "NULL_HMAC_SHA1_32",
    )  # fmt: skip

    def headers(self, content: Content, scene: Scene, dialogue: Dialogue) -> list[Header]:  # noqa: ARG002 - always the same
        """To before From, neither in brackets."""
        headers = [
            ("Via", f"SIP/2.0/{scene.transport.upper()} {self.here(scene)};branch={dialogue.branch}"),
            ("To", self.bare(scene, dialogue.to_tag)),
            ("From", self.bare(scene, dialogue.from_tag)),
            ("CSeq", f"{dialogue.cseq} {dialogue.method}"),
            ("Call-ID", dialogue.call_id),
            ("Max-Forwards", "70"),
            ("User-Agent", str(self.user_agent)),
        ]
        if dialogue.to_tag is None:
            headers.append(("Require", "siprec"))
        return [*headers, ("Contact", self.contact(scene))]

    def bare(self, scene: Scene, tag: str | None) -> str:
        """The recorder's URI, which is its own caller."""
        return scene.recorder + (f";tag={tag}" if tag is not None else "")

    def contact_uri(self, scene: Scene) -> str:
        """No user."""
        transport = "" if scene.transport == "udp" else f";transport={scene.transport}"
        return f"sip:{self.here(scene)}{transport}"

    def described_version(self, scene: Scene) -> int:  # noqa: ARG002 - it never changes
        """Always 0."""
        return 0

    def ordered(self, scene: Scene) -> Sequence[Line]:
        """The callee's stream first."""
        return scene.lines[1::-1] + scene.lines[2:]

    def label(self, line: Line) -> str:
        """From 0."""
        return str(line.number)

    def metadata(self, scene: Scene) -> str:
        """Always complete, without a time of start."""
        return lined(self._elements(scene))

    def _elements(self, scene: Scene) -> Iterator[str]:
        session = base64_id(scene.session)
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield "<recording xmlns='urn:ietf:params:xml:ns:recording:1'>"
        yield "\t<datamode>complete</datamode>"
        yield f'\t<session session_id="{session}">'
        yield f"\t\t<sipSessionID>{text(scene.recorded_call)}</sipSessionID>"
        yield "\t</session>"
        for person in scene.people:
            yield f'\t<participant participant_id="{base64_id(person.id)}">'
            yield f"\t\t<nameID aor={quoted(person.aor)}>"
            yield f'\t\t\t<name xml:lang="en-US">{text(person.name)}</name>'
            yield "\t\t</nameID>"
            yield "\t</participant>"
        for line in scene.lines:
            yield f'\t<stream stream_id="{base64_id(line.id)}" session_id="{session}">'
            yield f"\t\t<label>{self.label(line)}</label>"
            yield "\t</stream>"
        yield f'\t<sessionrecordingassoc session_id="{session}">'
        yield f"\t\t<associate-time>{numeric_zone(scene.began_at)}</associate-time>"
        yield "\t</sessionrecordingassoc>"
        for person in scene.people:
            yield f'\t<participantsessionassoc participant_id="{base64_id(person.id)}" session_id="{session}">'
            yield f"\t\t<associate-time>{numeric_zone(person.joined_at)}</associate-time>"
            if person.left_at is not None:
                yield f"\t\t<disassociate-time>{numeric_zone(person.left_at)}</disassociate-time>"
            yield "\t</participantsessionassoc>"
        for number, person in enumerate(scene.people):
            if person.left_at is None:
                yield f'\t<participantstreamassoc participant_id="{base64_id(person.id)}">'
                for line in scene.lines:
                    kind = "send" if line.person in {number, None} else "recv"
                    yield f"\t\t<{kind}>{base64_id(line.id)}</{kind}>"
                yield "\t</participantstreamassoc>"
        yield "</recording>"
