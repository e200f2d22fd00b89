"""Telnyx's SIPREC client (from the vendor's pages: SRTP and TLS, session timers, parameters of the user's)."""

from __future__ import annotations

from collections.abc import Iterator

from callvault.caller.styles.rfc7865 import Rfc7865
from callvault.caller.styles.scene import Content, Dialogue, Scene
from callvault.caller.styles.style import Header
from callvault.caller.styles.words import text


class Telnyx(Rfc7865):
    """The RFC's document; the session is refreshed at half its time; parameters come twice."""

    name = "telnyx"
    about = "Session-Expires 1800 with re-INVITE at half, parameters as headers and as metadata extensions"
    user_agent = "Telnyx SIPREC Client"
    boundary = "siprec-boundary"
    session_expires_s = 1800
    refreshes_by = "INVITE"

    def headers(self, content: Content, scene: Scene, dialogue: Dialogue) -> list[Header]:
        """A header for each parameter."""
        own = [(f"X-{name}", value) for name, value in scene.parameters] if dialogue.to_tag is None else []
        return [*super().headers(content, scene, dialogue), *own]

    def extension(self, scene: Scene) -> Iterator[str]:
        """And an element for each."""
        if scene.parameters:
            yield "    <ExtensionParameters>"
            for name, value in scene.parameters:
                yield "      <Parameter>"
                yield f"        <Name>{text(name)}</Name>"
                yield f"        <Value>{text(value)}</Value>"
                yield "      </Parameter>"
            yield "    </ExtensionParameters>"
