"""Cisco BroadWorks, and Webex Calling which grew out of it (from third parties' samples)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import ClassVar

from callvault.caller.styles.scene import Content, Dialogue, Line, Scene
from callvault.caller.styles.style import Header, Style
from callvault.caller.styles.words import offset_zone, quoted, text, urn_uuid


class BroadWorks(Style):
    """The draft's document: another root, another namespace, ids as URNs; and nothing says that this is SIPREC."""

    name = "broadworks"
    about = "metadata first, draft namespace, ;src, no Require, hold by 0.0.0.0"
    boundary = "uniqueBoundary"
    requires_siprec = False
    holds_by_address = True
    refreshes_by = "INVITE"
    mode: ClassVar[str] = "separate"

    def headers(self, content: Content, scene: Scene, dialogue: Dialogue) -> list[Header]:
        """Empty headers are headers."""
        return [
            ("Via", f"SIP/2.0/{scene.transport.upper()} {self.here(scene)};branch={dialogue.branch}"),
            ("From", self.party(self.sender(scene), dialogue.from_tag)),
            ("To", self.party(scene.recorder, dialogue.to_tag)),
            ("Call-ID", dialogue.call_id),
            ("CSeq", f"{dialogue.cseq} {dialogue.method}"),
            ("Contact", self.contact(scene)),
            ("Privacy", "none"),
            ("Recv-Info", ""),
            ("Accept", "application/media_control+xml,application/sdp,application/x-broadworks-call-center+xml"),
            ("Allow", "ACK,BYE,CANCEL,INFO,INVITE,OPTIONS,PRACK,REFER,NOTIFY,UPDATE"),
            ("Supported", ""),
            ("Max-Forwards", "10"),
            *([("MIME-Version", "1.0")] if content is Content.BOTH else []),
        ]

    def header_line(self, name: str, value: str) -> str:
        """The space stays where nothing follows it."""
        return f"{name}:{value}" if name in {"Content-Type", "Content-Length"} else f"{name}: {value}"

    def sender(self, scene: Scene) -> str:
        """The subscriber whose calls are recorded."""
        return f"{scene.people[0].aor};user=phone"

    def contact_uri(self, scene: Scene) -> str:
        """It always names the transport."""
        return f"sip:{scene.people[0].user}@{self.here(scene)};transport={scene.transport}"

    def contact(self, scene: Scene) -> str:
        """The draft's feature tag."""
        return f"<{self.contact_uri(scene)}>;src"

    def multipart(self, described: str, metadata: str) -> str:
        """Metadata first, lengths per part, and no space behind the colons."""
        return self.joined(
            [
                (
                    [
                        f"Content-Type:{self.metadata_type}",
                        "Content-Disposition:recording-session",
                        f"Content-Length:{len(metadata.encode())}",
                    ],
                    metadata,
                ),
                (["Content-Type:application/sdp", f"Content-Length:{len(described.encode())}"], described),
            ]
        )

    def described_label(self, line: Line) -> str:
        """What the metadata calls the stream."""
        return self.label(line)

    def described_streams(self, scene: Scene) -> Sequence[tuple[bytes, str, int | None]]:
        """Id, label and speaker of each stream that the metadata know."""
        return [(line.id, self.described_label(line), line.person) for line in scene.lines]

    def metadata(self, scene: Scene) -> str:
        """All of it in one line."""
        return "".join(self._elements(scene)) + "\r\n"

    def _elements(self, scene: Scene) -> Iterator[str]:
        recording, group, session = (_derived(scene.session, word) for word in ("recording", "group", "session"))
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield '<recording_metadata xmlns="urn:ietf:params:xml:ns:siprec"><dataMode>complete</dataMode>'
        yield f'<recording id="{recording}"><requestor>SRC</requestor><type>selective</type></recording>'
        yield f'<group id="{group}" recording="{recording}"><initiator>{text(scene.people[0].aor)}</initiator></group>'
        yield f'<session id="{session}" group="{group}">'
        yield f"<start-time>{offset_zone(scene.began_at)}</start-time></session>"
        streams = self.described_streams(scene)
        for number, person in enumerate(scene.people):
            if person.left_at is None:
                yield f'<participant id="{urn_uuid(person.id)}" session="{session}"><aor>{text(person.aor)}</aor>'
                for stream, _, speaker in streams:
                    if speaker in {number, None}:
                        yield f"<send><id>{urn_uuid(stream)}</id></send>"
                yield "</participant>"
        for stream, label, _ in streams:
            yield f'<stream id="{urn_uuid(stream)}" session="{session}"><label>{label}</label>'
            yield f"<mode>{self.mode}</mode></stream>"
        yield f'<extensiondata id="{_derived(scene.session, "extension")}" parent="{session}">'
        yield '<broadWorksRecordingMetadata xmlns="http://schema.broadsoft.com/broadworksCallRecording" version="3.0">'
        yield f"<extTrackingID>{scene.origin}:1</extTrackingID><serviceProviderID>Acme</serviceProviderID>"
        yield f"<groupID>Acme-London</groupID><userID>{text(scene.people[0].aor.removeprefix('sip:'))}</userID>"
        yield f"<callID>{text(scene.recorded_call)}</callID><callType><origCall>"
        yield f"<callingPartyNumber>{text(scene.people[0].aor)}</callingPartyNumber>"
        yield f"<calledPartyNumber>{text(scene.people[-1].aor)};user=phone</calledPartyNumber>"
        yield "</origCall></callType><recordingType>on</recordingType>"
        for name, value in scene.parameters:
            yield f"<parameter name={quoted(name)}>{text(value)}</parameter>"
        yield "</broadWorksRecordingMetadata></extensiondata></recording_metadata>"


class BroadWorksMixed(BroadWorks):
    """One line for both voices, and metadata that speak of two streams on it."""

    name = "broadworks-mixed"
    about = "as broadworks, with both voices on one line that the metadata describe as two streams"
    mixed = True
    mode = "mixed"

    def described_streams(self, scene: Scene) -> Sequence[tuple[bytes, str, int | None]]:
        """A stream for each voice, all on the first line."""
        label = self.label(scene.lines[0])
        return [(person.id[::-1], label, number) for number, person in enumerate(scene.people)]


class Webex(BroadWorks):
    """BroadWorks, but for labels: the metadata count otherwise than the description."""

    name = "webex"
    about = "as broadworks, with labels in the metadata that the description has not"

    def described_label(self, line: Line) -> str:
        """Others than those of the lines."""
        return str(line.number + 3)


def _derived(session: bytes, word: str) -> str:
    """An id of its own for each thing, always the same in one session."""
    return urn_uuid(hashlib.sha256(session + word.encode()).digest()[:16])
