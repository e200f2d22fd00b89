"""Twilio's ``<Siprec>`` (from the vendor's pages): one stream per track, at most four, no digits."""

from __future__ import annotations

from dataclasses import replace

from callvault.caller.styles.rfc7865 import Rfc7865
from callvault.caller.styles.scene import Content, Dialogue, Line, Scene
from callvault.caller.styles.style import EVENT_ENCODING, Header


class Twilio(Rfc7865):
    """The RFC's document, Twilio's identifiers, and no telephone events."""

    name = "twilio"
    about = "one stream per track, at most four, no digits"
    user_agent = "Twilio Gateway"
    boundary = "twilio-siprec"
    session_expires_s = None
    most_streams = 4

    def headers(self, content: Content, scene: Scene, dialogue: Dialogue) -> list[Header]:
        """The call's and the account's identifiers."""
        own = [("X-Twilio-CallSid", f"CA{scene.session.hex()}"), ("X-Twilio-AccountSid", f"AC{scene.group.hex()}")]
        return [*super().headers(content, scene, dialogue), *own]

    def media_lines(self, scene: Scene, line: Line) -> list[str]:
        """Without the format for digits."""
        return super().media_lines(scene, _without_events(line))


def _without_events(line: Line) -> Line:
    return replace(line, formats=tuple(entry for entry in line.formats if entry.encoding != EVENT_ENCODING))
