"""As the RFCs have it: RFC 7866 for the session, RFC 7865 for the metadata, RFC 9806 for its media type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from callvault.caller.styles.scene import Line, Person, Scene
from callvault.caller.styles.style import Style
from callvault.caller.styles.words import base64_id, lined, quoted, text, zulu


class Rfc7865(Style):
    """Nothing is missing, and nothing is odd."""

    name = "rfc7865"
    about = "as the RFCs have it"
    user_agent = "callvault-call"
    session_expires_s: ClassVar[int | None] = 1800

    def metadata(self, scene: Scene) -> str:
        """RFC 7865 section 9's elements, in its order."""
        return lined(self.elements(scene))

    def elements(self, scene: Scene) -> Iterator[str]:
        """The document's lines."""
        session = base64_id(scene.session)
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield "<recording xmlns='urn:ietf:params:xml:ns:recording:1'>"
        yield f"  <datamode>{'partial' if scene.partial else 'complete'}</datamode>"
        yield f'  <group group_id="{base64_id(scene.group)}">'
        yield f"    <associate-time>{zulu(scene.began_at)}</associate-time>"
        yield "  </group>"
        yield f'  <session session_id="{session}">'
        yield f"    <sipSessionID>{text(scene.recorded_call)}</sipSessionID>"
        yield f"    <group-ref>{base64_id(scene.group)}</group-ref>"
        yield f"    <start-time>{zulu(scene.began_at)}</start-time>"
        yield from self.extension(scene)
        yield "  </session>"
        for person in scene.people:
            yield f'  <participant participant_id="{base64_id(person.id)}">'
            yield f"    <nameID aor={quoted(person.aor)}>"
            yield f'      <name xml:lang="en">{text(person.name)}</name>'
            yield "    </nameID>"
            yield "  </participant>"
        for line in scene.lines:
            yield f'  <stream stream_id="{base64_id(line.id)}" session_id="{session}">'
            yield f"    <label>{self.label(line)}</label>"
            yield "  </stream>"
        yield f'  <sessionrecordingassoc session_id="{session}">'
        yield f"    <associate-time>{zulu(scene.began_at)}</associate-time>"
        yield "  </sessionrecordingassoc>"
        for person in scene.people:
            yield f'  <participantsessionassoc participant_id="{base64_id(person.id)}" session_id="{session}">'
            yield f"    <associate-time>{zulu(person.joined_at)}</associate-time>"
            if person.left_at is not None:
                yield f"    <disassociate-time>{zulu(person.left_at)}</disassociate-time>"
            yield "  </participantsessionassoc>"
        for number, person in enumerate(scene.people):
            if person.left_at is None:
                yield from self.streams_of(number, person, scene)
        yield "</recording>"

    def streams_of(self, number: int, person: Person, scene: Scene) -> Iterator[str]:
        """What somebody says and hears."""
        yield f'  <participantstreamassoc participant_id="{base64_id(person.id)}">'
        for line in scene.lines:
            yield from self.share(number, line)
        yield "  </participantstreamassoc>"

    def share(self, number: int, line: Line) -> Iterator[str]:
        """Somebody's part in one stream."""
        if line.person in {number, None}:
            yield f"    <send>{base64_id(line.id)}</send>"
        if line.person != number:
            yield f"    <recv>{base64_id(line.id)}</recv>"

    def extension(self, scene: Scene) -> Iterator[str]:
        """What else is said of the session."""
        if scene.parameters:
            yield '    <extensionparameters xmlns="urn:callvault:call">'
            for name, value in scene.parameters:
                yield f"      <parameter name={quoted(name)}>{text(value)}</parameter>"
            yield "    </extensionparameters>"
