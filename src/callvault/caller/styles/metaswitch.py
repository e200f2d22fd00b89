"""Metaswitch Perimeta (from third parties' samples)."""

from __future__ import annotations

from collections.abc import Iterator

from callvault.caller.styles.scene import Line, Scene
from callvault.caller.styles.style import Style
from callvault.caller.styles.words import base64_id, lined, quoted, text, zulu


class Metaswitch(Style):
    """The draft's namespace and media type; one line on which everybody speaks; numbers instead of addresses."""

    name = "metaswitch"
    about = "one mixed line, nobody says sendonly, aor is a bare number, application/rs-metadata"
    user_agent = "Perimeta"
    boundary = "2CD2A2E9"
    metadata_type = "application/rs-metadata"
    mixed = True
    refreshes_by = "INVITE"

    def direction(self, line: Line) -> list[str]:
        """Silence means sendrecv (RFC 3264 section 5.1)."""
        return [] if line.active else ["a=inactive"]

    def metadata(self, scene: Scene) -> str:
        """Attributes that are called ``id``."""
        return lined(self._elements(scene))

    def _elements(self, scene: Scene) -> Iterator[str]:
        session = base64_id(scene.session)
        yield "<?xml version='1.0' encoding='UTF-8'?>"
        yield "<recording xmlns='urn:ietf:params:xml:ns:recording'>"
        yield "<datamode>complete</datamode>"
        yield f'<session id="{session}">'
        yield f"<associate-time>{zulu(scene.began_at)}</associate-time>"
        yield "</session>"
        for person in scene.people:
            if person.left_at is None:
                yield f'<participant id="{base64_id(person.id)}" session="{session}">'
                yield f"<nameID aor={quoted(person.user)}>"
                yield f"<name>{text(person.name)}</name>"
                yield "</nameID>"
                for line in scene.lines:
                    yield f"<send>{base64_id(line.id)}</send>"
                    yield f"<recv>{base64_id(line.id)}</recv>"
                yield f"<associate-time>{zulu(person.joined_at)}</associate-time>"
                yield "</participant>"
        for line in scene.lines:
            yield f'<stream id="{base64_id(line.id)}" session="{session}">'
            yield f"<label>{self.label(line)}</label>"
            yield "<mode>mixed</mode>"
            yield "</stream>"
        yield "</recording>"
