"""The operations of our own API: verb, path, parameters, answers.  The routes, the reading of requests and the
description are all made of this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from callvault.dialects.callvault import parameters
from callvault.dialects.callvault.asked import Table
from callvault.dialects.callvault.words import BASE, CONTENT_TYPE, JSON
from callvault.dialects.toolbox.links import LINK_PATH

AUDIO = tuple(CONTENT_TYPE.values())
NO_PARAMETERS = Table()
RECORDING_PATH = BASE + "/recordings/{recording}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One good answer."""

    status: int
    about: str
    schema: str | None = None
    """Its name among the components; None: no body, or audio."""
    media_types: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    """Their names among the components."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Operation:
    """One line of our own reference."""

    id: str
    method: str
    path: str
    about: str
    """One line."""
    more: str = ""
    """What else there is to know."""
    parameters: Table = NO_PARAMETERS
    """Of query and headers."""
    answers: tuple[Answer, ...]
    refusals: tuple[int, ...] = ()
    """The statuses that this operation has reasons of its own for."""
    public: bool = False
    head: bool = False
    """Whether HEAD is worth describing; it is answered wherever GET is."""
    takes_audio: bool = False


def _json(schema: str, about: str, *, status: int = 200, headers: tuple[str, ...] = ()) -> Answer:
    return Answer(status=status, about=about, schema=schema, media_types=(JSON,), headers=headers)


_MEDIA_ANSWERS = (
    Answer(
        status=200,
        about="The audio. `Accept-Ranges` and `Content-Length` are there where the length is known before the end.",
        media_types=AUDIO,
        headers=("ETag", "Last-Modified", "Content-Disposition", "Accept-Ranges"),
    ),
    Answer(
        status=206,
        about="The range that was asked for.",
        media_types=AUDIO,
        headers=("ETag", "Last-Modified", "Content-Disposition", "Accept-Ranges", "Content-Range"),
    ),
    Answer(status=304, about="The audio is the one whose tag was sent.", headers=("ETag", "Last-Modified")),
    Answer(status=416, about="The range begins behind the end.", headers=("ETag", "Last-Modified", "Content-Range")),
)

FIND = Operation(
    id="findRecordings",
    method="GET",
    path=BASE + "/recordings",
    about="Recordings, newest first",
    more="All conditions hold together; texts are matched exactly and case-sensitively. Follow `links.next`, or hand "
    "`next` back as `after`: additions and deletions meanwhile neither repeat nor hide a recording. "
    "`page` numbers are for those who have to jump. A parameter that is not listed here is refused.",
    parameters=parameters.FIND,
    answers=(_json("RecordingPage", "A page.", headers=("Link",)),),
    refusals=(400, 403),
)
UPLOAD = Operation(
    id="uploadRecording",
    method="POST",
    path=BASE + "/recordings",
    about="Take a recording in",
    more="The body is the audio as it is: WAV, MP3, Ogg or FLAC, of one or two channels; what it is is heard, not "
    "believed, so `Content-Type` says nothing. It is streamed, and kept only when it has arrived whole.",
    parameters=parameters.UPLOAD,
    answers=(
        _json("Recording", "It is in the archive.", status=201, headers=("Location",)),
        _json("Recording", "It had been taken in before, and is this one.", headers=("Location",)),
    ),
    refusals=(400, 403, 409, 413),
    takes_audio=True,
)
GET = Operation(
    id="getRecording",
    method="GET",
    path=RECORDING_PATH,
    about="One recording",
    answers=(_json("Recording", "All that is known of it; what is not known is left out."),),
    refusals=(400, 403, 404),
)
CAPTURE = Operation(
    id="getCapture",
    method="GET",
    path=RECORDING_PATH + "/capture",
    about="How it was captured",
    more="Streams and their quality, gaps, participants and oddities, for what was recorded here from a live call; "
    "anything else has none.",
    answers=(_json("Capture", "All that is known of the capture."),),
    refusals=(400, 403, 404),
)
EXCHANGE = Operation(
    id="getExchange",
    method="GET",
    path=RECORDING_PATH + "/exchange",
    about="The messages of its signalling",
    more="Word for word, but for keys.",
    answers=(_json("Exchange", "The messages, in order."),),
    refusals=(400, 403, 404),
)
DELETE = Operation(
    id="deleteRecording",
    method="DELETE",
    path=RECORDING_PATH,
    about="Delete a recording",
    more="It vanishes from every list, and its audio is erased.",
    answers=(Answer(status=204, about="It is gone."),),
    refusals=(400, 403, 404, 409),
)
MEDIA = Operation(
    id="openMedia",
    method="GET",
    path=RECORDING_PATH + "/media",
    about="Its audio",
    more="In any form; a form that is not there yet is made while it is sent.",
    parameters=parameters.MEDIA,
    answers=_MEDIA_ANSWERS,
    refusals=(400, 403, 404, 409),
    head=True,
)
LINK = Operation(
    id="linkMedia",
    method="GET",
    path=RECORDING_PATH + "/link",
    about="A link to its audio that needs no credential",
    more="For players and people: whoever holds the link can listen until it runs out.",
    parameters=parameters.LINK,
    answers=(_json("MediaLink", "The link.", headers=("Cache-Control",)),),
    refusals=(400, 403, 404, 409),
)
FOLLOW = Operation(
    id="followLink",
    method="GET",
    path=LINK_PATH + "/{name}",
    about="Audio behind a signed link",
    more="Links are handed out, never made up: by `linkMedia`, and by the vendors' APIs that have links. "
    "One that has run out, or whose signature is wrong, answers 403. `Authorization` is not looked at, and parameters "
    "that are not known are ignored.",
    parameters=parameters.FOLLOW,
    answers=_MEDIA_ANSWERS,
    refusals=(400, 403, 404, 409),
    public=True,
    head=True,
)
ACCOUNT = Operation(
    id="whoAmI",
    method="GET",
    path=BASE + "/account",
    about="The account and key that are asking",
    answers=(_json("Account", "Who the credential says it is."),),
    refusals=(400,),
)
PING = Operation(
    id="ping",
    method="GET",
    path=BASE + "/ping",
    about="Whether anybody is there, and which version",
    more="Touches neither the catalogue nor the media.",
    answers=(_json("Ping", "Somebody is."),),
    refusals=(400,),
    public=True,
)
DESCRIBE = Operation(
    id="describe",
    method="GET",
    path=BASE + "/openapi.json",
    about="This description",
    answers=(_json("OpenApi", "OpenAPI 3.1."),),
    refusals=(400,),
    public=True,
)

OPERATIONS = (FIND, UPLOAD, GET, CAPTURE, EXCHANGE, DELETE, MEDIA, LINK, FOLLOW, ACCOUNT, PING, DESCRIBE)
PUBLIC_PATHS = tuple(operation.path.split("{", maxsplit=1)[0] for operation in OPERATIONS if operation.public)
"""What the paths that are open to anybody begin with."""
