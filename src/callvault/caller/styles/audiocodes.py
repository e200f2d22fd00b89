"""AudioCodes Mediant (from the vendor's pages and third parties' samples)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from callvault.caller.styles.scene import Dialogue, Line, Person, Scene
from callvault.caller.styles.style import Header, Style
from callvault.caller.styles.words import lined, quoted, text, zulu


class AudioCodes(Style):
    """The old document, ids that are numbers of parties, and video lines beside the audio."""

    name = "audiocodes"
    about = ";src, old metadata, video lines, X-AUDC-CALL-ID"
    user_agent = "Mediant VE SBC/v.7.40A.500.357"
    boundary = "boundary_ac15d5"
    metadata_type = "application/rs-metadata"
    refreshes_by = "INVITE"
    adds_video = True

    def contact(self, scene: Scene) -> str:
        """The draft's feature tag."""
        return f"<{self.contact_uri(scene)}>;src"

    def abilities(self, dialogue: Dialogue) -> list[Header]:
        """With the recorded call's id."""
        allow = "REGISTER,OPTIONS,INVITE,ACK,CANCEL,BYE,NOTIFY,PRACK,REFER,INFO,SUBSCRIBE,UPDATE"
        headers = [("Supported", "replaces,resource-priority,sdp-anat"), ("Allow", allow)]
        return [*headers, ("X-AUDC-CALL-ID", dialogue.call_id.partition("@")[0])]

    def describe(self, scene: Scene) -> str:
        """Under its own name."""
        return super().describe(scene).replace("o=- ", "o=AudiocodesGW ", 1).replace("s=-", "s=SBC-Call", 1)

    def media_lines(self, scene: Scene, line: Line) -> list[str]:
        """Packet time, direction and label come before the formats."""
        first, *rest = super().media_lines(scene, line)
        formats = [entry for entry in rest if entry.startswith(("a=rtpmap", "a=fmtp"))]
        return [first, *(entry for entry in rest if entry not in formats), *formats]

    def metadata(self, scene: Scene) -> str:
        """Audio alone is described."""
        return lined(self._elements(scene))

    def _elements(self, scene: Scene) -> Iterator[str]:
        group, session = UUID(bytes=scene.group), f"0000-0000-0000-0000-{scene.session.hex()[:16]}"
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield '<recording xmlns="urn:ietf:params:xml:ns:recording" xmlns:ac="http://AudioCodes">'
        yield "  <datamode>complete</datamode>"
        yield f'  <group id="{group}">'
        yield f"    <associate-time>{zulu(scene.began_at)}</associate-time>"
        yield "  </group>"
        yield f'  <session id="{session}">'
        yield f"    <group-ref>{group}</group-ref>"
        yield f"    <associate-time>{zulu(scene.began_at)}</associate-time>"
        yield "  </session>"
        for number, person in enumerate(scene.people):
            if person.left_at is None:
                yield from self._participant(number, person, scene, session)
        for line in scene.lines:
            if line.kind == "audio":
                yield f'  <stream id="{UUID(bytes=line.id)}" session="{session}">'
                yield f"    <label>{self.label(line)}</label>"
                yield "  </stream>"
        yield "</recording>"

    def _participant(self, number: int, person: Person, scene: Scene, session: str) -> Iterator[str]:
        yield f'  <participant id="{text(person.user)}" session="{session}">'
        yield f"    <nameID aor={quoted(person.aor.removeprefix('sip:'))}></nameID>"
        yield f"    <associate-time>{zulu(person.joined_at)}</associate-time>"
        for line in scene.lines:
            if line.kind == "audio":
                kind = "send" if line.person == number else "recv"
                yield f"    <{kind}>{UUID(bytes=line.id)}</{kind}>"
        for name, value in scene.parameters:
            yield f"    <ac:{name}>{text(value)}</ac:{name}>"
        yield "  </participant>"
