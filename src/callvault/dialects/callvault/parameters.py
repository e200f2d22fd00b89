"""Every parameter of our own API, once: the reading of requests and the description are both made of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callvault.dialects.callvault import kinds
from callvault.dialects.callvault.asked import Parameter, Preset, Table
from callvault.dialects.callvault.cards import CARD
from callvault.dialects.callvault.live_parameters import CALL, WHICH
from callvault.dialects.callvault.notice_parameters import DELIVERY, HOOK
from callvault.dialects.callvault.pages import BOOKMARK
from callvault.dialects.callvault.words import EXAMPLE_ID, Form, Order
from callvault.model.life import LISTED
from callvault.model.query import Axis
from callvault.model.recording import Direction, Origin, Source, Status

_EXAMPLE_TIME = "2026-03-01T09:00:00Z"


# Which thing

RECORDING = Parameter(
    name="recording", kind=kinds.UUID_, about="The recording's id.", place="path", required=True, example=EXAMPLE_ID
)
LINK_NAME = Parameter(
    name="name",
    kind=kinds.TEXT,
    about="The id and the form.",
    place="path",
    required=True,
    example=EXAMPLE_ID + ".mp3",
)
PATH_PARAMETERS = Table(RECORDING, LINK_NAME, HOOK, DELIVERY, CALL, WHICH)

# Which recordings

FROM = Parameter(name="from", kind=kinds.NUMBER, about="The calling side's number.", example="+12025550143")
TO = Parameter(name="to", kind=kinds.NUMBER, about="The called side's number.", example="+442079460018")
NUMBER = Parameter(name="number", kind=kinds.NUMBER, about="Either side's number.", example="+12025550143")
CALL_ID = Parameter(name="call_id", kind=kinds.UUID_, about="The recorded leg.")
CALL_SESSION_ID = Parameter(
    name="call_session_id", kind=kinds.UUID_, about="The conversation, which all its legs share."
)
CONFERENCE_ID = Parameter(name="conference_id", kind=kinds.UUID_, about="The conference.")
CONNECTION_ID = Parameter(
    name="connection_id",
    kind=kinds.TEXT,
    about="The trunk or connection, as the source names it.",
    example="main-trunk",
)
SIP_CALL_ID = Parameter(
    name="sip_call_id", kind=kinds.TEXT, about="The leg's Call-ID header.", example="a84b4c76e66710@pbx.example.net"
)
USER_ID = Parameter(name="user_id", kind=kinds.UUID_, about="The user within the account who owns it.")
SOURCE = Parameter(name="source", kind=kinds.one_of(*Source), about="What was recorded.")
DIRECTION = Parameter(
    name="direction", kind=kinds.one_of(*Direction), about="Which way the recorded leg went, seen from the account."
)
STATUS = Parameter(
    name="status",
    kind=kinds.one_of(*(status for status in Status if status in LISTED)),
    about="Where it is in its life; repeat it for several. Without it: all of these.",
    many=True,
)


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The three parameters that bound one time."""

    from_: Parameter[datetime]
    before: Parameter[datetime]
    through: Parameter[datetime]

    def __iter__(self) -> Iterator[Parameter[datetime]]:
        """In the order of the description."""
        return iter((self.from_, self.before, self.through))


def _bounds(stem: str, what: str) -> Bounds:
    def bound(word: str, sense: str) -> Parameter[datetime]:
        about = f"{what} {sense}. ISO 8601; a time without a zone is UTC, a date alone its first moment."
        return Parameter(name=f"{stem}_{word}", kind=kinds.MOMENT, about=about, example=_EXAMPLE_TIME)

    return Bounds(
        from_=bound("from", "at this time or later"),
        before=bound("before", "before this time, which itself is not in it"),
        through=bound("through", "at this time or earlier"),
    )


STARTED = _bounds("started", "Recordings that began")
CREATED = _bounds("created", "Recordings whose entry was made")
ENDED = _bounds("ended", "Recordings that ended")
UPDATED = _bounds("updated", "Recordings whose entry was last changed")

# In which order, and how many

SORT = Preset(name="sort", kind=kinds.one_of(*Axis), about="The time to sort by; ties go by id.", default=Axis.STARTED)
ORDER = Preset(name="order", kind=kinds.one_of(*Order), about="Oldest or newest first.", default=Order.DESC)
LIMIT = Preset(name="limit", kind=kinds.whole(1, 1000), about="At most so many on a page.", default=50)
AFTER = Parameter(
    name="after",
    kind=BOOKMARK,
    about="Begin behind this place: `next` of the page before, with the same `sort` and `order`.",
)
PAGE = Parameter(
    name="page", kind=kinds.whole(1, 1_000_000_000), about="Begin at this page, counted from 1; not with `after`."
)
TOTAL = Preset(name="total", kind=kinds.TRUTH, about="Whether to count all that match.", default=False)

FIND = Table(
    *(FROM, TO, NUMBER, CALL_ID, CALL_SESSION_ID, CONFERENCE_ID, CONNECTION_ID, SIP_CALL_ID, USER_ID),
    *(SOURCE, DIRECTION, STATUS),
    *(*STARTED, *CREATED, *ENDED, *UPDATED),
    *(SORT, ORDER, LIMIT, AFTER, PAGE, TOTAL),
)

# In which form

FORMAT = Parameter(
    name="format",
    kind=kinds.one_of(*Form),
    about="The form of the audio; `original` is the bytes as they arrived. Without it: as it was recorded.",
)
LINK_FORMAT = Parameter(
    name="format",
    kind=kinds.one_of(*(form for form in Form if form is not Form.ORIGINAL)),
    about="The form of the audio. Without it: as it was recorded.",
)
CHANNELS = Parameter(
    name="channels", kind=kinds.whole(1, 2), about="1: mixed down to one; 2: two. Without it: as it was recorded."
)
DOWNLOAD = Preset(
    name="download", kind=kinds.TRUTH, about="Whether a browser should save it instead of playing it.", default=False
)
LIFETIME = Preset(
    name="lifetime_s", kind=kinds.whole(1, 604_800), about="Seconds until the link runs out.", default=600
)
RANGE = Parameter(
    name="Range",
    kind=kinds.HINT,
    about="RFC 9110 section 14.2; one range of bytes.",
    place="header",
    example="bytes=0-65535",
)
IF_RANGE = Parameter(name="If-Range", kind=kinds.HINT, about="RFC 9110 section 13.1.5.", place="header")
IF_NONE_MATCH = Parameter(name="If-None-Match", kind=kinds.HINT, about="RFC 9110 section 13.1.2.", place="header")
CONDITIONS = (RANGE, IF_RANGE, IF_NONE_MATCH)

MEDIA = Table(FORMAT, CHANNELS, DOWNLOAD, *CONDITIONS)
LINK = Table(LINK_FORMAT, CHANNELS, LIFETIME)

EXPIRES = Parameter(name="expires", kind=kinds.HINT, about="When the link runs out, in Unix seconds.", required=True)
SIGNATURE = Parameter(name="signature", kind=kinds.HINT, about="Over path, channels and expiry.", required=True)
FOLLOW = Table(EXPIRES, SIGNATURE, CHANNELS, DOWNLOAD, *CONDITIONS)

# What is said of new audio

ORIGIN = Parameter(name="origin", kind=kinds.one_of(*Origin), about="What started the recording.")
STARTED_AT = Parameter(
    name="started_at",
    kind=kinds.MOMENT,
    about="When it began. Without it: now, less its length.",
    example=_EXAMPLE_TIME,
)
ENDED_AT = Parameter(
    name="ended_at", kind=kinds.MOMENT, about="When it ended. Without it: its beginning and its length."
)
LABEL = Parameter(name="label", kind=kinds.TEXT, about="A name of the user's own.", example="Tea order")
IDEMPOTENCY_KEY = Parameter(
    name="Idempotency-Key",
    kind=kinds.IDEMPOTENCY_KEY,
    about="Given twice, the second upload is answered with what the first took in. Without it the audio itself, the"
    " call's ids and the beginning are the key.",
    place="header",
    example="9f3c1a52-nightly-export-0007",
)
METADATA = Parameter(
    name="Callvault-Card",
    kind=CARD,
    about="All that is known of the recording, as JSON (other than ASCII as \\u escapes) or as JSON in base64url. What"
    " stands here does not stand in the query too.",
    place="header",
)
SAID: Mapping[Parameter[Any], str] = {
    USER_ID: "user_id",
    CALL_ID: "call_id",
    CALL_SESSION_ID: "call_session_id",
    CONFERENCE_ID: "conference_id",
    CONNECTION_ID: "connection_id",
    SIP_CALL_ID: "sip_call_id",
    SOURCE: "source",
    ORIGIN: "origin",
    DIRECTION: "direction",
    STARTED_AT: "started_at",
    ENDED_AT: "ended_at",
    LABEL: "label",
}
"""Parameters of an upload, by the card's fields that they fill."""

UPLOAD = Table(FROM, TO, *SAID, IDEMPOTENCY_KEY, METADATA)
