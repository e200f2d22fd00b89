"""How recording sessions are made, from what the server is set to and from what the door knows of a call.

What does not live here: what they do (``session``).
"""

from __future__ import annotations

from collections.abc import Callable

from callvault.capture.siprec.conversation import Conversation
from callvault.capture.siprec.door import Beginning, Converse
from callvault.capture.siprec.lines import Seal
from callvault.capture.siprec.session import RecordingSession, Setting


def recording_sessions(*, media_host: str, seal: Seal, entropy: Callable[[int], bytes]) -> Converse:
    """What the door makes sessions with.

    ``media_host`` is the address that clients are told to send to, empty for the one on which a call came in; where it
    is given it may be that of a router before us, so sockets are bound to every address.  ``entropy`` gives so many
    random octets, for our own keys.
    """

    def converse(beginning: Beginning) -> Conversation:
        host = media_host or beginning.host
        every = "::" if ":" in host else "0.0.0.0"  # noqa: S104 - a recorder is there to be sent to
        setting = Setting(
            number=beginning.take.int >> 80,  # the millisecond of its beginning
            host=host,
            listen_host=every if media_host or not host else host,
            seal=seal,
            entropy=entropy,
        )
        return RecordingSession(setting, beginning.journal)

    return converse
