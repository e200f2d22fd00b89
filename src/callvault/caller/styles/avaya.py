"""Avaya's session border controller for enterprise (from third parties' samples)."""

from __future__ import annotations

from collections.abc import Iterator

from callvault.caller.styles.scene import Dialogue, Line, Person, Scene
from callvault.caller.styles.style import Header, Style
from callvault.caller.styles.words import hexadecimal, lined, quoted, zoneless

_DUMMY = "sip:ASBCE@asbce.com"


class Avaya(Style):
    """A dummy is in the call until an UPDATE says who it is; ids are a UCID and scraps of hexadecimal."""

    name = "avaya"
    about = "+sip.src inside the URI, UCID as session id, dummy party until an UPDATE, labels 10 and 20, no stream ids"
    user_agent = "Avaya SBCE"
    boundary = "foobar"
    corrects_people = True
    refreshes_by = "INVITE"

    def contact(self, scene: Scene) -> str:
        """The feature tag is a parameter of the URI here."""
        return f"<{self.contact_uri(scene)};+sip.src>"

    def abilities(self, dialogue: Dialogue) -> list[Header]:
        """With Avaya's own identifier of the call."""
        return [*super().abilities(dialogue), ("User-to-User", f"{self._ucid(dialogue.call_id.encode())};encoding=hex")]

    def label(self, line: Line) -> str:
        """10, 20, 30."""
        return str((line.number + 1) * 10)

    def media_lines(self, scene: Scene, line: Line) -> list[str]:
        """The label, then the direction, then the packet time."""
        lines = super().media_lines(scene, line)
        ptime = f"a=ptime:{line.ptime_ms}"
        return [*(entry for entry in lines if entry != ptime), ptime]

    def metadata(self, scene: Scene) -> str:
        """No times with a zone, no name for a stream."""
        return lined(self._elements(scene))

    def _ucid(self, octets: bytes) -> str:
        return "00FA" + octets.hex()[:18].upper().ljust(18, "0")

    def _elements(self, scene: Scene) -> Iterator[str]:
        session = self._ucid(scene.session)
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield '<recording xmlns="urn:ietf:params:xml:ns:recording:1">'
        yield "<dataMode>complete</dataMode>"
        yield f'<session session_id="{session}"></session>'
        yield f'<sessionrecordingassoc session_id="{session}">'
        yield f"<associate-time>{zoneless(scene.began_at)}</associate-time>"
        yield "</sessionrecordingassoc>"
        for number, person in enumerate(scene.people):
            yield from self._participant(number, person, scene, session)
        for line in scene.lines:
            yield f'<stream stream_id="" session_id="{session}">'
            yield f"<label>{self.label(line)}</label>"
            yield "</stream>"
        yield "</recording>"

    def _participant(self, number: int, person: Person, scene: Scene, session: str) -> Iterator[str]:
        identity = hexadecimal(person.id, 20)
        yield f'<participant participant_id="{identity}">'
        yield f"<nameID aor={quoted(person.aor if person.user else _DUMMY)}></nameID>"
        yield "</participant>"
        yield f'<participantsessionassoc participant_id="{identity}" session_id="{session}">'
        yield f"<associate-time>{zoneless(person.joined_at)}</associate-time>"
        if person.left_at is not None:
            yield f"<disassociate-time>{zoneless(person.left_at)}</disassociate-time>"
        yield "</participantsessionassoc>"
        yield f'<participantstreamassoc participant_id="{identity}">'
        for line in scene.lines:
            if line.person in {number, None}:
                yield f"<send>{hexadecimal(line.id, 20)}</send>"
        yield "</participantstreamassoc>"
