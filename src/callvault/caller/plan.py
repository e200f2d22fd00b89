"""What a call is to be: its voices, and everything that is to happen in it.

Times are seconds from the first packet on.  What does not live here: how any of it is done.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from callvault.caller.digest import Credentials
from callvault.caller.network import Network
from callvault.caller.sound import Sound
from callvault.caller.timeline import Press


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Voice:
    """Somebody, and what they say."""

    sound: Sound
    user: str = "+442079460101"
    host: str = "example.org"
    name: str = "Ruth"
    codec: str = "pcmu"
    second_codec: str | None = None
    changes_codec_at_s: float | None = None
    network: Network = field(default_factory=Network)
    presses: tuple[Press, ...] = ()
    suppresses_silence: bool = False
    drift_ppm: float = 0.0
    begins_at_s: float = 0.0
    """When the first packet comes: later than the others' for one who picks up late."""
    never_comes: bool = False
    """The stream is announced, and no packet of it is sent."""
    restarts_at_s: float | None = None
    """A new SSRC with new numbers."""
    moves_at_s: float | None = None
    """Packets come from another port from now on, as behind a NAT that forgot."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CallPlan:
    """One recorded call."""

    recorder: str
    """A SIP URI."""
    voices: tuple[Voice, ...]
    """The caller first."""
    style: str = "rfc7865"
    transport: str | None = None
    """None: as the URI says."""
    ca_file: Path | None = None
    certificate: Path | None = None
    own_address: str | None = None
    credentials: Credentials | None = None
    secure: bool = False
    """SRTP, with keys in the description."""
    mki_bytes: int = 0
    """How long the identifier is that each packet has of its key; 0: it has none."""
    changes_key_at_s: float | None = None
    """All streams go on under another key of the same line."""
    ptime_ms: int = 20
    seconds: float | None = None
    """None: as long as the longest sound."""
    rtcp: bool = True
    speed: float = 1.0
    """How much faster than time the packets leave; their timestamps do not change."""
    rings_until_s: float | None = None
    """Until then the streams are announced as inactive, and nothing is sent."""
    answers_at_s: float | None = None
    """When the callee comes in, by a re-INVITE; until then the caller is alone."""
    holds: tuple[tuple[float, float], ...] = ()
    transfer_at_s: float | None = None
    """The callee is replaced by somebody else on the same line."""
    successor: tuple[str, str] = ("2002", "Lena")
    """User and name of the one who takes over."""
    joiner: Voice | None = None
    joins_at_s: float | None = None
    leaves_at_s: float | None = None
    """When the one who joined leaves again."""
    renames_at_s: float | None = None
    """The callee's name becomes known, by an UPDATE of metadata alone."""
    refreshes_at_s: tuple[float, ...] = ()
    """Refreshes of the session beside those that its timer asks for."""
    session_expires_s: int | None = None
    """Another time than the style's."""
    cancels: bool = False
    """The INVITE is taken back as soon as the recorder is at it."""
    vanishes: bool = False
    """No BYE at the end."""
    recorded_call: str | None = None
    """The Call-ID of the call that is recorded; None: a random one."""
    parameters: tuple[tuple[str, str], ...] = ()
    keeps_messages: bool = False
    seed: int | None = None
    """For ids, numbers and keys; None: each call has its own."""

    @property
    def begins(self) -> tuple[Voice, ...]:
        """Who is there from the beginning."""
        return self.voices if self.answers_at_s is None else self.voices[:1]

    @property
    def lasts_s(self) -> float:
        """Until the end of all."""
        if self.seconds is not None:
            return self.seconds
        later_s = (0.0 if voice in self.begins else self.answers_at_s or 0.0 for voice in self.voices)
        ends_s = (
            max(voice.begins_at_s, self.rings_until_s or 0.0, at_s) + voice.sound.seconds
            for voice, at_s in zip(self.voices, later_s, strict=True)
        )
        return max(ends_s, default=0.0)
