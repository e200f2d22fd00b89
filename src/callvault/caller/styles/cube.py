"""Cisco's Unified Border Element, with SIPREC and without (third parties' samples, and the vendor's pages)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from callvault.caller.styles.description import address
from callvault.caller.styles.scene import Content, Dialogue, Format, Line, Scene
from callvault.caller.styles.style import Header, Style
from callvault.caller.styles.words import base64_id, lined, quoted, text, zulu_ms

_COMFORT_NOISE = Format(number=19, encoding="CN/8000")
"""An old number for it: RFC 3389 gave it 13."""


class Cube(Style):
    """Spaces behind boundaries, types and the XML declaration; a stream's id where a party's should be."""

    name = "cube"
    about = "trailing spaces, payload type 19, an association that names a stream as its party"
    user_agent = "Cisco-SIPGateway/IOS-17.6.1"
    boundary = "uniqueBoundary"
    first_cseq = 101
    session_expires_s = 1800
    refreshes_by = "INVITE"

    def headers(self, content: Content, scene: Scene, dialogue: Dialogue) -> list[Header]:
        """Cisco's order, and its own identifiers."""
        return [
            ("Via", f"SIP/2.0/{scene.transport.upper()} {self.here(scene)};branch={dialogue.branch}"),
            ("From", self.party(self.sender(scene), dialogue.from_tag)),
            ("To", self.party(scene.recorder, dialogue.to_tag)),
            ("Date", f"{scene.now:%a, %d %b %Y %H:%M:%S} GMT"),
            ("Call-ID", dialogue.call_id),
            ("Supported", "100rel,timer,resource-priority,replaces,sdp-anat"),
            *([("Require", "siprec")] if self.requires_siprec else []),
            ("Min-SE", "1800"),
            ("Cisco-Guid", "-".join(str(int.from_bytes(scene.session[at : at + 4], "big")) for at in (0, 4, 8, 12))),
            ("User-Agent", str(self.user_agent)),
            ("Allow", "INVITE, OPTIONS, BYE, CANCEL, ACK, PRACK, UPDATE, REFER, SUBSCRIBE, NOTIFY, INFO, REGISTER"),
            ("CSeq", f"{dialogue.cseq} {dialogue.method}"),
            ("Max-Forwards", "70"),
            ("Timestamp", str(int(scene.now.timestamp()))),
            ("Contact", self.contact(scene)),
            ("Expires", "180"),
            ("Allow-Events", "telephone-event"),
            ("Session-Expires", "1800;refresher=uac"),
            *([("MIME-Version", "1.0")] if content is Content.BOTH else []),
        ]

    def sender(self, scene: Scene) -> str:
        """No user."""
        return f"sip:{self.here(scene)}"

    def contact_uri(self, scene: Scene) -> str:
        """No user here either."""
        return super().contact_uri(scene).replace("recording@", "")

    def multipart(self, described: str, metadata: str) -> str:
        """Spaces where nobody sees them."""
        boundary = f"--{self.boundary} "
        return lined(
            [
                "",
                boundary,
                "Content-Type: application/sdp ",
                "Content-Disposition: session;handling=required ",
                "",
            ]
        ) + "".join(
            [
                described,
                lined(
                    ["", boundary, f"Content-Type: {self.metadata_type} ", "Content-Disposition: recording-session "]
                ),
                "\r\n",
                metadata,
                lined(["", f"--{self.boundary}--"]),
            ]
        )

    def describe(self, scene: Scene) -> str:
        """With Cisco's name in it, and an address for each line."""
        described = super().describe(scene)
        return described.replace("o=- ", "o=CiscoSystemsSIP-GW-UserAgent ", 1).replace("s=-", "s=SIP Call", 1)

    def media_lines(self, scene: Scene, line: Line) -> list[str]:
        """Direction, then label; and comfort noise under its old number."""
        noisy = replace(line, formats=(*line.formats, _COMFORT_NOISE))
        first, *rest = super().media_lines(scene, noisy)
        label = f"a=label:{self.label(line)}"
        return [first, f"c={address(self.media_host(scene))}", *(entry for entry in rest if entry != label), label]

    def metadata(self, scene: Scene) -> str:
        """Parties and streams in turn."""
        return lined(self._elements(scene))

    def _elements(self, scene: Scene) -> Iterator[str]:
        session = base64_id(scene.session)
        yield '<?xml version="1.0" encoding="UTF-8"?> '
        yield '<recording xmlns="urn:ietf:params:xml:ns:recording:1">'
        yield "<datamode>complete</datamode>"
        yield f'<session session_id="{session}">'
        yield f"<sipSessionID>{text(scene.recorded_call)};remote={scene.group.hex()}</sipSessionID>"
        yield f"<start-time>{zulu_ms(scene.began_at)}</start-time>"
        yield "</session>"
        for number, person in enumerate(scene.people):
            identity = base64_id(person.id)
            yield f'<participant participant_id="{identity}">'
            yield f"<nameID aor={quoted(person.aor)}>"
            if person.name:
                yield f'<name xml:lang="en">{text(person.name)}</name>'
            yield "</nameID>"
            yield "</participant>"
            yield f'<participantsessionassoc participant_id="{identity}" session_id="{session}">'
            yield f"<associate-time>{zulu_ms(person.joined_at)}</associate-time>"
            if person.left_at is not None:
                yield f"<disassociate-time>{zulu_ms(person.left_at)}</disassociate-time>"
            yield "</participantsessionassoc>"
            for line in scene.lines:
                if line.person == number:
                    yield f'<stream stream_id="{base64_id(line.id)}" session_id="{session}">'
                    yield f"<label>{self.label(line)}</label>"
                    yield "</stream>"
        for number, person in enumerate(scene.people):
            if person.left_at is None:
                yield from self._association(number, base64_id(person.id), scene)
        yield "</recording>"

    def _association(self, number: int, identity: str, scene: Scene) -> Iterator[str]:
        """The last party's association goes by the name of its stream: a mistake that was seen, and is kept."""
        own = [line for line in scene.lines if line.person == number]
        mistaken = number == len(scene.people) - 1 and own
        yield f'<participantstreamassoc participant_id="{base64_id(own[0].id) if mistaken else identity}">'
        for line in scene.lines:
            kind = "send" if line.person == number else "recv"
            yield f"<{kind}>{base64_id(line.id)}</{kind}>"
        yield "</participantstreamassoc>"


class CubeForking(Cube):
    """Media forking from before SIPREC: no metadata, and headers that say whose line is whose."""

    name = "cube-forking"
    about = "no metadata; X-Cisco-Recording-Participant with a media-index for each line"
    requires_siprec = False
    has_metadata = False

    def headers(self, content: Content, scene: Scene, dialogue: Dialogue) -> list[Header]:
        """A header for each party."""
        parties = [
            ("X-Cisco-Recording-Participant", f'{person.aor};media-index="{line.number}"')
            for line in scene.lines
            for number, person in enumerate(scene.people)
            if line.person == number
        ]
        via, *rest = super().headers(content, scene, dialogue)
        return [via, *parties, *rest]

    def contact(self, scene: Scene) -> str:
        """Nothing says what it is for."""
        return f"<{self.contact_uri(scene)}>"


class CubeWithoutSiprec(CubeForking):
    """A phone's built-in bridge: the recorder has to offer, and From says who speaks."""

    name = "cube-without-siprec"
    about = "INVITE without a description, offer in the 200; near and far end as parameters in From, isFocus"
    offers_late = True
    mixed = True

    def headers(self, content: Content, scene: Scene, dialogue: Dialogue) -> list[Header]:
        """Without the parties' headers."""
        headers = super().headers(content, scene, dialogue)
        return [entry for entry in headers if entry[0] != "X-Cisco-Recording-Participant"]

    def sender(self, scene: Scene) -> str:
        """The forked call in parameters of the URI."""
        near, far = scene.people[0], scene.people[-1]
        call = int.from_bytes(scene.session[:3], "big")
        return (
            f"sip:{near.user}@{self.here(scene)};x-nearend;x-refci={call};x-nearendclusterid=lab;"
            f"x-nearenddevice=SEP{scene.session.hex()[:12].upper()};x-nearendaddr={near.user};"
            f"x-farendrefci={call + 1};x-farendclusterid=lab;x-farenddevice=Trunk;x-farendaddr={far.user}"
        )

    def contact(self, scene: Scene) -> str:
        """A conference's focus (RFC 4579)."""
        return f"<{self.contact_uri(scene)}>;isFocus"
