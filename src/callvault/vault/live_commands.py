"""What can be asked of the vault about live calls, as values; the rest is in ``commands``.

A verb that cannot be carried out raises: NotFound (no such call, or no such recording under way), Ended (there was
such a call, and it is over), Conflict (it is not in the state for it), HouseError (whoever has the call did not answer
in time; nothing will be done any more).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from callvault.model.actor import Scope
from callvault.model.live import LiveCall, Phase
from callvault.model.media import MediaFormat
from callvault.model.policy import Policy
from callvault.model.recording import Recording
from callvault.model.wish import Wish

if TYPE_CHECKING:
    from callvault.vault.commands import Callback, Ref


@dataclass(frozen=True, kw_only=True, slots=True)
class FindLiveCalls:
    """The calls that are being received, newest first.  Answer: a sequence of ``LiveCall``."""

    account_id: UUID
    user_id: UUID | None = None
    known_user: UUID | None = None
    """A user whom the path names; refuse where the account has none such."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GetLiveCall:
    """One of them.  Answer: ``LiveCall``."""

    account_id: UUID
    call: Ref


@dataclass(frozen=True, kw_only=True, slots=True)
class StartRecording:
    """A recording of a live call begins.  Answer: ``Steered``, with one recording."""

    account_id: UUID
    call: Ref
    """Its kind may be ``call``, ``session`` or ``conference``: the live call that it names."""
    wish: Wish = field(default_factory=Wish)
    key: str | None = None
    """Given twice for one call, the second time is the first over again."""
    callback: Callback | None = None
    """Who is told of this recording, from its very beginning, and of what (``Callback.events``)."""
    foreign: Mapping[str, str] = field(default_factory=dict)
    """Ids that the recording has from the start: dialect to id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SteerRecording:
    """Recordings under way are paused, go on, or stop.  Answer: ``Steered``, with those that the verb was about."""

    account_id: UUID
    to: Phase
    """``PAUSED``, ``RUNNING`` or ``STOPPED``."""
    call: Ref | None = None
    """Needed where ``recording`` is None."""
    recording: Ref | None = None
    """None: the one that was started last, or ``all_of_them``."""
    all_of_them: bool = False
    only: bool = False
    """Whether there has to be exactly one that can be steered, or Conflict."""
    silent: bool = False
    """Whether the pause is silence in the file; else it is cut out."""
    settled: bool = False
    """Whether one that is so already is as good; else Conflict where all are."""
    key: str | None = None
    extras: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the recordings' extras learn by it, by dialect (Telnyx's ``client_state``)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToggleRecording:
    """The recording that was started last stops; where none is under way, one begins.  Answer: ``Steered``."""

    account_id: UUID
    call: Ref
    wish: Wish = field(default_factory=Wish)


@dataclass(frozen=True, kw_only=True, slots=True)
class MaskCall:
    """Every recording of a live call is silent from now on, or not any more.  Answer: ``LiveCall``."""

    account_id: UUID
    call: Ref
    on: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ListenIn:
    """A live call is heard while it lasts, a second behind.  Answer: ``listening.Sounding``."""

    account_id: UUID
    call: Ref
    form: MediaFormat = MediaFormat.WAV
    """WAV or MP3."""
    channels: int | None = None
    """1: both sides in one; 2: a side in each; None: as it would be recorded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GetPolicy:
    """The account's policy.  Answer: ``Policy``."""

    account_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepPolicy:
    """Calls are recorded by this from now on; those under way stay as they are.  Answer: ``Policy``."""

    account_id: UUID
    policy: Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class Steered:
    """What came of a verb."""

    call: LiveCall
    """As it is afterwards."""
    recordings: tuple[Recording, ...]
    """Their entries: ``capturing``, ``paused`` or ``processing``; how long they are is known when they are finished."""


LiveCommand = (
    FindLiveCalls
    | GetLiveCall
    | StartRecording
    | SteerRecording
    | ToggleRecording
    | MaskCall
    | ListenIn
    | GetPolicy
    | KeepPolicy
)

LIVE_SCOPES: Mapping[type, Scope] = {
    FindLiveCalls: Scope.READ,
    GetLiveCall: Scope.READ,
    StartRecording: Scope.WRITE,
    SteerRecording: Scope.WRITE,
    ToggleRecording: Scope.WRITE,
    MaskCall: Scope.WRITE,
    ListenIn: Scope.MEDIA,
    GetPolicy: Scope.READ,
    KeepPolicy: Scope.WRITE,
}
