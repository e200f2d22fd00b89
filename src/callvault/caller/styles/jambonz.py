"""jambonz (from third parties' samples): the RFC's document with data of its own in the session."""

from __future__ import annotations

from collections.abc import Iterator

from callvault.caller.styles.rfc7865 import Rfc7865
from callvault.caller.styles.scene import Scene
from callvault.caller.styles.words import text


class Jambonz(Rfc7865):
    """``jb:`` elements."""

    name = "jambonz"
    about = "extension data under jb:"
    user_agent = "jambonz sbc"
    boundary = "uniqueBoundary"
    session_expires_s = None
    refreshes_by = "INVITE"

    def extension(self, scene: Scene) -> Iterator[str]:
        """The platform's identifiers."""
        yield '    <jb:extensiondata xmlns:jb="http://jambonz.org/siprec">'
        yield f"      <jb:callsid>{scene.session.hex()}</jb:callsid>"
        yield "      <jb:direction>inbound</jb:direction>"
        for name, value in scene.parameters:
            yield f"      <jb:{name}>{text(value)}</jb:{name}>"
        yield "    </jb:extensiondata>"
