"""Oracle's session border controller, once Acme Packet's (from third parties' samples and the vendor's pages)."""

from __future__ import annotations

from collections.abc import Iterator

from callvault.caller.styles.scene import Line, Person, Scene
from callvault.caller.styles.style import Style
from callvault.caller.styles.words import base64_id, lined, quoted, text, zoneless

_EXTENSIONS = "http://acmepacket.com/siprec/extensiondata"
_SESSION_EXTENSIONS = "http:/acmepacket.com/siprec/extensiondata"
"""With one slash: so it is on the wire."""


class Oracle(Style):
    """The draft's namespace; extensions under ``apkt:``; the second party comes by a re-INVITE."""

    name = "oracle"
    about = "draft namespace, apkt extensions, large labels, times without zone, second party by re-INVITE, pings"
    boundary = "unique-boundary-1"
    refreshes_by = "INVITE"
    names_one_first = True
    pings = True

    def label(self, line: Line) -> str:
        """Counted from 2 to the 24th."""
        return str(16_777_227 + line.number)

    def metadata(self, scene: Scene) -> str:
        """Everything about a party inside its element."""
        return lined(self._elements(scene))

    def _elements(self, scene: Scene) -> Iterator[str]:
        session = base64_id(scene.session)
        yield "<?xml version='1.0' encoding='UTF-8'?>"
        yield "<recording xmlns='urn:ietf:params:xml:ns:recording'>"
        yield f"\t<datamode>{'partial' if scene.partial else 'complete'}</datamode>"
        yield f'\t<session id="{session}">'
        yield f"\t\t<associate-time>{zoneless(scene.began_at)}</associate-time>"
        yield f'\t\t<extensiondata xmlns:apkt="{_SESSION_EXTENSIONS}">'
        yield f"\t\t\t<apkt:ucid>{scene.session.hex()[:22].upper()};encoding=hex</apkt:ucid>"
        yield "\t\t\t<apkt:callerOrig>true</apkt:callerOrig>"
        for name, value in scene.parameters:
            yield f"\t\t\t<apkt:header label={quoted(name)}>"
            yield f"\t\t\t\t<value>{text(value)}</value>"
            yield "\t\t\t</apkt:header>"
        yield "\t\t</extensiondata>"
        yield "\t</session>"
        for number, person in enumerate(scene.people):
            yield from self._participant(number, person, scene)
        for line in scene.lines:
            yield f'\t<stream id="{base64_id(line.id)}" session="{session}">'
            yield f"\t\t<label>{self.label(line)}</label>"
            yield "\t\t<mode>separate</mode>"
            yield f"\t\t<associate-time>{zoneless(scene.began_at)}</associate-time>"
            yield "\t</stream>"
        yield "</recording>"

    def _participant(self, number: int, person: Person, scene: Scene) -> Iterator[str]:
        yield f'\t<participant id="{base64_id(person.id)}" session="{base64_id(scene.session)}">'
        yield f"\t\t<nameID aor={quoted(person.aor)}>"
        yield f"\t\t\t<name>{text(person.user)}</name>"
        yield "\t\t</nameID>"
        for line in scene.lines:
            if line.person in {number, None}:
                yield f"\t\t<send>{base64_id(line.id)}</send>"
        yield f"\t\t<associate-time>{zoneless(person.joined_at)}</associate-time>"
        if person.left_at is not None:
            yield f"\t\t<disassociate-time>{zoneless(person.left_at)}</disassociate-time>"
        yield f'\t\t<extensiondata xmlns:apkt="{_EXTENSIONS}">'
        yield f"\t\t\t<apkt:callingParty>{'true' if number == 0 else 'false'}</apkt:callingParty>"
        if number == 0:
            yield f"\t\t\t<apkt:request-uri>{text(scene.people[-1].aor)}</apkt:request-uri>"
            yield "\t\t\t<apkt:realm>access</apkt:realm>"
            yield '\t\t\t<apkt:header label="Call-ID">'
            yield f"\t\t\t\t<value>{text(scene.recorded_call)}</value>"
            yield "\t\t\t</apkt:header>"
        yield "\t\t</extensiondata>"
        yield "\t</participant>"
