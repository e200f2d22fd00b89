"""All that can be asked of the vault, as values.  The list is closed: a dialect cannot invent a way into the house.

What does not live here: how a command is carried out (``vault.Vault``), or how one is read off a wire (``dialects``).
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from callvault.model.actor import Actor, Scope
from callvault.model.capture import Captured
from callvault.model.card import Card
from callvault.model.events import EventKind
from callvault.model.media import MediaFormat
from callvault.model.query import RecordingQuery
from callvault.model.recording import Recording
from callvault.vault.hook_commands import HOOK_SCOPES, HookCommand
from callvault.vault.live_commands import LIVE_SCOPES, LiveCommand
from callvault.vault.own_commands import OWN_SCOPES, OwnCommand
from callvault.vault.transcription_commands import TRANSCRIPTION_SCOPES, TranscriptionCommand
from callvault.wire import ByteSource


@dataclass(frozen=True, kw_only=True, slots=True)
class Ref:
    """How a caller names a thing: tried as computed first, then as an id that the vendor gave (an alias)."""

    dialect: str
    kind: str
    """``recording``, ``call``, ``session``, ``conference`` or ``transcription``."""
    text: str
    """As the caller wrote it."""
    computed: UUID | None
    """The core id that the text stands for in this dialect's own form; None where it has another form."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Callback:
    """Where one request wants to be told of its outcome."""

    dialect: str
    url: str
    method: str = "POST"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    events: frozenset[EventKind] | None = None
    """What it wants to be told, of what the dialect has notices for; None: what is usual there."""
    options: Mapping[str, str] = field(default_factory=dict)


class Access(enum.Enum):
    """By what right media is opened."""

    ACTOR = "actor"
    """The caller is known and has the scope."""
    PUBLIC = "public"
    """The id alone, where the account lets that do."""
    LINK = "link"
    """A signed link that the dialect has checked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FindRecordings:
    """A page of recordings.  The refs narrow the query; one that names nothing makes the answer empty.

    Answer: ``RecordingSlice``.
    """

    query: RecordingQuery
    call: Ref | None = None
    call_by_sip: bool = False
    """Whether ``call`` may be a Call-ID too (``Recording.sip_call_id``), where it names no recordings otherwise."""
    session: Ref | None = None
    conference: Ref | None = None
    subject: Ref | None = None
    """A call or a conference, whichever it names: what was recorded as that (``Recording.source``)."""
    known_user: UUID | None = None
    """A user whom the path names; refuse where the account has none such."""
    keep: Callable[[Recording], bool] | None = None
    """What else a recording has to satisfy that no index knows: everything that the query asks for is read, in pieces,
    until the page is full.  Neither a page's number nor a total goes with it."""

    @property
    def account_id(self) -> UUID:
        """Whose recordings."""
        return self.query.account_id


@dataclass(frozen=True, kw_only=True, slots=True)
class GetRecording:
    """One recording, with its transcription.  Answer: ``Recording``."""

    account_id: UUID
    recording: Ref
    call: Ref | None = None
    """Where the path names a call too, it must be this recording's."""
    conference: Ref | None = None
    user_id: UUID | None = None
    """Whose it must be."""
    known_user: UUID | None = None
    """A user whom the path names, and who need not own it; refuse where the account has none such."""
    deleted_from: datetime | None = None
    """One that was deleted then or later is there, too; None: what is deleted is not there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GetCapture:
    """How a recording was captured here.  Answer: ``model.capture.Captured``."""

    account_id: UUID
    recording: Ref


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenMedia:
    """The audio in one form.  Answer: ``OpenedMedia``."""

    account_id: UUID | None
    """None where a signed link names the recording alone."""
    recording: Ref
    form: MediaFormat | None = None
    """None: the form in which it was recorded (``Recording.format``)."""
    among: tuple[MediaFormat, ...] = ()
    """The forms that the dialect has a word for: a recording of any other form is given as the first of them."""
    channels: int | None = None
    """1: down-mixed to one; 2: two, or Conflict where it has only one; None: as recorded."""
    original: bool = False
    """The bytes as they arrived, whatever they are; the fields above then say nothing."""
    relayed: bool = False
    """Whether audio that was deleted here is read back from where it was pushed to, as it was pushed."""
    call: Ref | None = None
    conference: Ref | None = None
    known_user: UUID | None = None
    access: Access = Access.ACTOR


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteRecording:
    """The recording vanishes from every list, and its audio is erased.  Answer: the ``Recording`` as it was."""

    account_id: UUID
    recording: Ref
    call: Ref | None = None
    conference: Ref | None = None
    known_user: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteRecordings:
    """Several at once: all of them, or none where one is not there.  Answer: the recordings as they were."""

    account_id: UUID
    recordings: tuple[Ref, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteMedia:
    """The audio is erased and the entry stays.  Answer: the ``Recording`` as it is then."""

    account_id: UUID
    recording: Ref
    call: Ref | None = None
    conference: Ref | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeRecording:
    """What is known of a recording changes.  Answer: the ``Recording`` as it is then."""

    account_id: UUID
    recording: Ref
    card: Card = field(default_factory=Card)
    """What it says replaces what was there, for the fields of ``changing.CHANGEABLE``."""
    extras_patch: Mapping[str, Any] | None = None
    """Merged into ``Recording.extras`` as RFC 7396 has it: null takes a key away."""
    known_user: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeIn:
    """New audio.  Answer: ``TakenIn``."""

    account_id: UUID
    card: Card
    content: AsyncIterator[bytes]
    key: str | None = None
    """Given twice, the second time answers with what the first took in.  None: the audio's own hash is the key."""
    expected_bytes: int | None = None
    """What the sender said it would send; fewer is a broken upload."""
    recording_id: UUID | None = None
    """Fixed when its capture began; None: one is made."""
    captured: Captured | None = None
    """How it was captured, where that was here."""
    call_id: UUID | None = None
    """Of its call, where neither the card nor an earlier recording of the call says so."""
    form: MediaFormat | None = None
    """What it was asked to be made as (``Recording.format``); None: what the bytes are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogIn:
    """Exchange a credential for a session's token.  Answer: ``Session``.

    Either ``api_key``, or ``digest`` (what the client made of name and password) with ``method`` and ``account_name``.
    """

    api_key: str | None = None
    account_name: str | None = None
    method: str = "md5"
    digest: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Nothing:
    """Nothing is asked: the caller and the terms say all that the reply needs.  Anybody may.  Answer: None."""


Command = (
    FindRecordings
    | GetRecording
    | GetCapture
    | OpenMedia
    | DeleteRecording
    | DeleteRecordings
    | DeleteMedia
    | ChangeRecording
    | TakeIn
    | LogIn
    | Nothing
    | HookCommand
    | LiveCommand
    | OwnCommand
    | TranscriptionCommand
)

SCOPES: Mapping[type, Scope] = {
    FindRecordings: Scope.READ,
    GetRecording: Scope.READ,
    GetCapture: Scope.READ,
    OpenMedia: Scope.MEDIA,
    DeleteRecording: Scope.DELETE,
    DeleteRecordings: Scope.DELETE,
    DeleteMedia: Scope.DELETE,
    ChangeRecording: Scope.WRITE,
    TakeIn: Scope.WRITE,
    **HOOK_SCOPES,
    **LIVE_SCOPES,
    **OWN_SCOPES,
    **TRANSCRIPTION_SCOPES,
}
"""What a caller's key must allow.  ``LogIn`` is how one becomes a caller, and ``Nothing`` gives nothing away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedMedia:
    """Audio that is ready to be read, or is being made while it is read."""

    recording: Recording
    format: MediaFormat
    channels: int
    size_bytes: int | None
    """None where the length is not known before the end (Ogg, FLAC, while they are made)."""
    etag: str
    """A strong entity tag without its quotes."""
    modified_at: datetime
    source: ByteSource


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenIn:
    """What came of an intake."""

    recording: Recording
    fresh: bool
    """False: it had been taken in before, and this is that recording."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A logged-in caller."""

    token: str
    actor: Actor
    expires_at: datetime
