"""Listening in, in our own API: the operation, reading what is asked, and saying it."""

from __future__ import annotations

from callvault.dialects.callvault import kinds, words
from callvault.dialects.callvault.asked import Asked, Parameter, Preset, Table
from callvault.dialects.callvault.live_operations import CALL_PATH
from callvault.dialects.callvault.operation import Answer, Operation
from callvault.dialects.callvault.words import CONTENT_TYPE
from callvault.dialects.contract import Visit
from callvault.model.media import MediaFormat
from callvault.vault.listening import Sounding
from callvault.vault.live_commands import ListenIn
from callvault.wire import MediaSlice, WireReply

FORMAT = Preset(
    name="format",
    kind=kinds.one_of(MediaFormat.WAV, MediaFormat.MP3),
    about="The form of the audio.",
    default=MediaFormat.WAV,
)
CHANNELS = Parameter(
    name="channels",
    kind=kinds.whole(1, 2),
    about="1: both sides in one; 2: a side in each. Without it: as the call would be recorded.",
)

LISTEN = Operation(
    id="listenIn",
    method="GET",
    path=CALL_PATH + "/audio",
    about="A live call's sound, while it lasts",
    more="A second behind, without end until the call ends; silence where nothing is said, or nothing is recorded. "
    "A WAV header says that the length is not known; MP3 can be joined anywhere. Leaving changes nothing for the "
    "recording. 409: another node has the call.",
    parameters=Table(FORMAT, CHANNELS),
    answers=(
        Answer(
            status=200,
            about="The sound, as it comes.",
            media_types=(CONTENT_TYPE[MediaFormat.WAV], CONTENT_TYPE[MediaFormat.MP3]),
        ),
    ),
    refusals=(400, 403, 404, 409, 429),
)


def ask(visit: Visit) -> ListenIn:
    """Which call, in which form."""
    asked = Asked(visit.request, LISTEN.parameters)
    return ListenIn(
        account_id=visit.account.id,
        call=words.call_ref(visit.request.parts["call"]),
        form=asked[FORMAT],
        channels=asked[CHANNELS],
    )


def say(sounding: Sounding, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """Its bytes, as they come."""
    headers = (
        ("content-type", CONTENT_TYPE[sounding.form]),
        ("cache-control", "no-store"),
        ("x-accel-buffering", "no"),  # nginx would gather it, and be further behind (ngx_http_proxy_module)
    )
    return WireReply(
        status=200, headers=headers, body=MediaSlice(source=sounding.source, start=0, stop=None, live=True)
    )
