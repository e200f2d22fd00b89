"""Ribbon's session border controllers, once Sonus's (from the vendor's pages and third parties' samples)."""

from __future__ import annotations

from collections.abc import Iterator

from callvault.caller.styles.description import address
from callvault.caller.styles.scene import Content, Dialogue, Line, Scene
from callvault.caller.styles.style import Header, Style
from callvault.caller.styles.words import base64_id, lined, quoted, text, zulu


class Ribbon(Style):
    """Every element has a prefix, the namespace is the draft's, and the group holds the recorded call's headers."""

    name = "ribbon"
    about = "prefixed elements, draft namespace, callData in the group, no session-level address"
    boundary = "sonus-content-delim"
    first_cseq = 100_008
    session_expires_s = 1800
    refreshes_by = "INVITE"

    def headers(self, content: Content, scene: Scene, dialogue: Dialogue) -> list[Header]:
        """Display names everywhere."""
        headers = super().headers(content, scene, dialogue)
        named = {"From": '"SIPREC-SRC" ', "To": '"SIPREC-SRS" ', "Contact": '"SIPREC-SRC" '}
        return [
            *((name, named.get(name, "") + value) for name, value in headers),
            ("Accept", "application/sdp, application/rs-metadata-request"),
            *([("MIME-Version", "1.0")] if content is Content.BOTH else []),
        ]

    def session_timer(self) -> list[Header]:
        """It does not say who refreshes."""
        return [("Session-Expires", str(self.session_expires_s)), ("Min-SE", "90")]

    def multipart(self, described: str, metadata: str) -> str:
        """Disposition before type, and a line of nothing before each boundary."""
        return "\r\n" + self.joined(
            [
                (["Content-Disposition: session; handling=required", "Content-Type: application/sdp"], described),
                (["Content-Disposition: recording-session", f"Content-Type: {self.metadata_type}"], metadata),
            ]
        )

    def describe(self, scene: Scene) -> str:
        """Addresses stand with the lines alone."""
        head = [
            "v=0",
            f"o=Sonus_UAC {scene.origin} {self.described_version(scene)} {address(scene.signalling_host)}",
            "s=SIP Media Capabilities",
            "t=0 0",
        ]
        return lined([*head, *(entry for line in self.ordered(scene) for entry in self.media_lines(scene, line))])

    def media_lines(self, scene: Scene, line: Line) -> list[str]:
        """Address and label first; a longest packet time instead of a usual one."""
        first, *rest = super().media_lines(scene, line)
        label, ptime = f"a=label:{self.label(line)}", f"a=ptime:{line.ptime_ms}"
        kept = [entry for entry in rest if entry not in {label, ptime}]
        return [first, f"c={address(self.media_host(scene))}", label, *kept, f"a=maxptime:{line.ptime_ms}"]

    def metadata(self, scene: Scene) -> str:
        """Under the prefix ``tns``."""
        return lined(self._elements(scene))

    def _elements(self, scene: Scene) -> Iterator[str]:
        group, session, began = base64_id(scene.group), base64_id(scene.session), zulu(scene.began_at)
        caller, callee = scene.people[0], scene.people[-1]
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield "<tns:recording xmlns:tns='urn:ietf:params:xml:ns:recording'>"
        yield "<tns:datamode>complete</tns:datamode>"
        yield f'<tns:group group_id="{group}">'
        yield f"<tns:associate-time>{began}</tns:associate-time>"
        yield "<callData xmlns='urn:ietf:params:xml:ns:callData'>"
        yield f'<fromhdr>"{text(caller.name)}" &lt;{text(caller.aor)}&gt;;tag=gK0a</fromhdr>'
        yield f"<tohdr>&lt;{text(callee.aor)}&gt;;tag=gK0b</tohdr>"
        yield f"<callid>{text(scene.recorded_call)}</callid>"
        yield f"<gcid>{scene.origin}</gcid>"
        yield "</callData>"
        yield "</tns:group>"
        yield f'<tns:session session_id="{session}">'
        yield f"<tns:group-ref>{group}</tns:group-ref>"
        yield f"<tns:start-time>{began}</tns:start-time>"
        yield "</tns:session>"
        for person in scene.people:
            yield f'<tns:participant participant_id="{base64_id(person.id)}">'
            yield f"<tns:nameID aor={quoted(person.aor.removeprefix('sip:'))}>"
            yield f'<tns:name xml:lang="en">{text(person.name) or " "}</tns:name>'
            yield "</tns:nameID>"
            yield "</tns:participant>"
        for line in scene.lines:
            yield f'<tns:stream stream_id="{base64_id(line.id)}" session_id="{session}">'
            yield f"<tns:label>{self.label(line)}</tns:label>"
            yield f"<tns:associate-time>{began}</tns:associate-time>"
            yield "</tns:stream>"
        yield f'<tns:sessionrecordingassoc session_id="{session}">'
        yield f"<tns:associate-time>{began}</tns:associate-time>"
        yield "</tns:sessionrecordingassoc>"
        yield from self._associations(scene, session)
        yield "</tns:recording>"

    def _associations(self, scene: Scene, session: str) -> Iterator[str]:
        for person in scene.people:
            yield f'<tns:participantsessionassoc participant_id="{base64_id(person.id)}" session_id="{session}">'
            yield f"<tns:associate-time>{zulu(person.joined_at)}</tns:associate-time>"
            if person.left_at is not None:
                yield f"<tns:disassociate-time>{zulu(person.left_at)}</tns:disassociate-time>"
            yield "</tns:participantsessionassoc>"
        for number, person in enumerate(scene.people):
            if person.left_at is None:
                yield f'<tns:participantstreamassoc participant_id="{base64_id(person.id)}">'
                for line in scene.lines:
                    kind = "send" if line.person == number else "recv"
                    yield f"<tns:{kind}>{base64_id(line.id)}</tns:{kind}>"
                yield "</tns:participantstreamassoc>"
