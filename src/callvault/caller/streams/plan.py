"""What a media stream is to be: its voices, and everything that is to happen in it.

Times are seconds from the first frame on.  What does not live here: how any of it is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callvault.caller.network import Network
from callvault.caller.sound import Sound
from callvault.caller.timeline import Press


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StreamPlan:
    """One call's stream."""

    url: str
    """``ws://`` or ``wss://``."""
    vendor: str
    voices: tuple[Sound, ...]
    """One is the inbound track's, the second one's the outbound track's."""
    call_id: str
    account_id: str
    stream_ids: tuple[str, str]
    """Of the first connection, and of one that follows it."""
    codec: str = "pcmu"
    rate: int | None = None
    """Samples a second of L16; 16,000 where nothing is said."""
    ptime_ms: int = 20
    network: Network = field(default_factory=Network)
    presses: tuple[Press, ...] = ()
    caller: str = "+442079460101"
    callee: str = "+442079460202"
    direction: str = "inbound"
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the request that opens the WebSocket."""
    user: str | None = None
    password: str | None = None
    ca_file: str | None = None
    cut_at_s: float | None = None
    """When the connection breaks off."""
    resumes_after_s: float | None = None
    """How much later another one goes on with the call; None: none does."""
    vanishes: bool = False
    """No word at the end: the connection breaks off."""
    mixed: bool = False
    """jambonz sends both voices as one."""
    speed: float = 1.0

    @property
    def seconds(self) -> float:
        """Of the longest voice."""
        return max(voice.seconds for voice in self.voices)
