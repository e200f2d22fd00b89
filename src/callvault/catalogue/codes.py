"""Words as small numbers, times as whole milliseconds, ids as 16 bytes: the forms in which columns keep them.

A code never changes its meaning, whatever happens to the words' order or spelling.  Times are rounded down when they
are kept, so a lower bound of finer resolution is rounded up and an upper one as its sense asks (``window``): no
recording is lost or added by rounding.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, SafeUUID

from callvault.errors import BadRequest
from callvault.model.events import EventKind
from callvault.model.hook import DeliveryState
from callvault.model.media import MediaFormat
from callvault.model.query import Span
from callvault.model.recording import Direction, MediaState, Origin, Source, Status
from callvault.model.shipment import ShipmentState
from callvault.model.transcription import TranscriptionStatus

DELETED: Final = 0
"""Every other status is greater: ``status > 0`` is what lists show."""
AVAILABLE: Final = 4

STATUS = {
    Status.DELETED: DELETED,
    Status.CAPTURING: 1,
    Status.PAUSED: 2,
    Status.PROCESSING: 3,
    Status.AVAILABLE: AVAILABLE,
    Status.FAILED: 5,
}
MEDIA_STATE = {
    MediaState.AWAITED: 1,
    MediaState.WHOLE: 2,
    MediaState.PARTIAL: 3,
    MediaState.ABSENT: 4,
    MediaState.DELETED: 5,
}
LAST_HEARABLE: Final = 3
"""Every greater media state has nothing to hear, now or later."""
DIRECTION = {Direction.INBOUND: 1, Direction.OUTBOUND: 2}
SOURCE = {Source.CALL: 1, Source.CONFERENCE: 2}
ORIGIN = {
    Origin.DIAL: 1,
    Origin.RECORD_VERB: 2,
    Origin.CALL_CREATION: 3,
    Origin.CALL_COMMAND: 4,
    Origin.CONFERENCE: 5,
    Origin.CONFERENCE_COMMAND: 6,
    Origin.TRUNK: 7,
}
FORMAT = {MediaFormat.WAV: 1, MediaFormat.MP3: 2, MediaFormat.OGG: 3, MediaFormat.FLAC: 4}
TRANSCRIPTION_STATUS = {
    TranscriptionStatus.PROCESSING: 1,
    TranscriptionStatus.AVAILABLE: 2,
    TranscriptionStatus.FAILED: 3,
    TranscriptionStatus.TIMED_OUT: 4,
    TranscriptionStatus.TOO_LONG: 5,
    TranscriptionStatus.TOO_SHORT: 6,
}
EVENT = {
    EventKind.STARTED: 1,
    EventKind.PAUSED: 2,
    EventKind.RESUMED: 3,
    EventKind.ENDED: 4,
    EventKind.AVAILABLE: 5,
    EventKind.FAILED: 6,
    EventKind.CHANGED: 7,
    EventKind.DELETED: 8,
    EventKind.TRANSCRIPTION_AVAILABLE: 9,
    EventKind.TRANSCRIPTION_FAILED: 10,
    EventKind.MISPLACED: 11,
}
DELIVERY_STATE = {DeliveryState.WAITING: 1, DeliveryState.DELIVERED: 2, DeliveryState.GIVEN_UP: 3}
SHIPMENT_STATE = {ShipmentState.WAITING: 1, ShipmentState.DONE: 2, ShipmentState.GIVEN_UP: 3}

STATUS_OF = {code: word for word, code in STATUS.items()}
MEDIA_STATE_OF = {code: word for word, code in MEDIA_STATE.items()}
DIRECTION_OF = {code: word for word, code in DIRECTION.items()}
SOURCE_OF = {code: word for word, code in SOURCE.items()}
ORIGIN_OF = {code: word for word, code in ORIGIN.items()}
FORMAT_OF = {code: word for word, code in FORMAT.items()}
TRANSCRIPTION_STATUS_OF = {code: word for word, code in TRANSCRIPTION_STATUS.items()}
EVENT_OF = {code: word for word, code in EVENT.items()}
DELIVERY_STATE_OF = {code: word for word, code in DELIVERY_STATE.items()}
SHIPMENT_STATE_OF = {code: word for word, code in SHIPMENT_STATE.items()}

LONGEST_KEY = 2048
"""Bytes of a text that leads an index.  PostgreSQL keeps 2,704 in an entry of an index, and the text is not alone."""

EARLIEST, LATEST = -(1 << 62), 1 << 62
"""Milliseconds before and after every time that can be told."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_EXACT_AS_FLOAT = 4_000_000_000_000
"""Up to 2096 a float of seconds is nearer than half a microsecond, and the way through it takes half the time."""


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def milliseconds_up(moment: datetime) -> int:
    """Whole milliseconds since 1970, rounded up."""
    return -((_EPOCH - moment) // _MILLISECOND)


def moment_of(value: int) -> datetime:
    """The time that so many milliseconds since 1970 are, UTC."""
    if 0 <= value < _EXACT_AS_FLOAT:
        return datetime.fromtimestamp(value / 1000, UTC)
    seconds, rest = divmod(value, 1000)
    return _EPOCH + timedelta(0, seconds, rest * 1000)


def window(span: Span) -> tuple[int, int]:
    """The first and the last millisecond in a span; the first is greater where nothing can be in it."""
    least, most = EARLIEST, LATEST
    if span.from_ is not None:
        least = milliseconds_up(span.from_)
    if span.before is not None:
        most = milliseconds_up(span.before) - 1
    if span.through is not None:
        most = min(most, milliseconds(span.through))
    return least, most


_new = object.__new__
_set_int = UUID.__dict__["int"].__set__
_set_safety = UUID.__dict__["is_safe"].__set__
_UNKNOWN = SafeUUID.unknown


def uuid_of(octets: bytes) -> UUID:
    """``UUID(bytes=octets)`` in a third of the time: a page of a thousand recordings makes four thousand of them."""
    uuid = _new(UUID)
    _set_int(uuid, int.from_bytes(octets, "big"))
    _set_safety(uuid, _UNKNOWN)
    return uuid


def keepable(text: str | None) -> bool:
    """Whether both engines can hold this text, and find it again: no NUL, no half of a surrogate pair, not endless."""
    if text is None or (text.isascii() and len(text) <= LONGEST_KEY):
        return text is None or "\0" not in text
    try:
        return len(text.encode()) <= LONGEST_KEY and "\0" not in text
    except UnicodeEncodeError:
        return False


def check_key(text: str | None, field: str) -> str | None:
    """Answer the text.

    Raises:
        BadRequest: it cannot stand in an index.
    """
    if not keepable(text):
        raise BadRequest(
            f"{field} must be a text of at most {LONGEST_KEY} bytes, without NUL and without half a surrogate pair.",
            field=field,
        )
    return text
