"""The operations of our own API: verb, path, parameters, answers.  The routes, the reading of requests and the
description are all made of this table.
"""

from __future__ import annotations

from callvault.dialects.callvault import listening, live_operations, notice_operations, parameters
from callvault.dialects.callvault.operation import Answer, Operation, json_answer
from callvault.dialects.callvault.words import BASE, CONTENT_TYPE
from callvault.dialects.toolbox.links import LINK_PATH

AUDIO = tuple(CONTENT_TYPE.values())
RECORDING_PATH = BASE + "/recordings/{recording}"


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
    answers=(json_answer("RecordingPage", "A page.", headers=("Link",)),),
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
        json_answer("Recording", "It is in the archive.", status=201, headers=("Location",)),
        json_answer("Recording", "It had been taken in before, and is this one.", headers=("Location",)),
    ),
    refusals=(400, 403, 409, 413),
    takes_audio=True,
)
GET = Operation(
    id="getRecording",
    method="GET",
    path=RECORDING_PATH,
    about="One recording",
    answers=(json_answer("Recording", "All that is known of it; what is not known is left out."),),
    refusals=(400, 403, 404),
)
CAPTURE = Operation(
    id="getCapture",
    method="GET",
    path=RECORDING_PATH + "/capture",
    about="How it was captured",
    more="Streams and their quality, gaps, participants and oddities, for what was recorded here from a live call; "
    "anything else has none.",
    answers=(json_answer("Capture", "All that is known of the capture."),),
    refusals=(400, 403, 404),
)
EXCHANGE = Operation(
    id="getExchange",
    method="GET",
    path=RECORDING_PATH + "/exchange",
    about="The messages of its signalling",
    more="Word for word, but for keys.",
    answers=(json_answer("Exchange", "The messages, in order."),),
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
    answers=(json_answer("MediaLink", "The link.", headers=("Cache-Control",)),),
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
    answers=(json_answer("Account", "Who the credential says it is."),),
    refusals=(400,),
)
PING = Operation(
    id="ping",
    method="GET",
    path=BASE + "/ping",
    about="Whether anybody is there, and which version",
    more="Touches neither the catalogue nor the media.",
    answers=(json_answer("Ping", "Somebody is."),),
    refusals=(400,),
    public=True,
)
DESCRIBE = Operation(
    id="describe",
    method="GET",
    path=BASE + "/openapi.json",
    about="This description",
    answers=(json_answer("OpenApi", "OpenAPI 3.1."),),
    refusals=(400,),
    public=True,
)

OPERATIONS = (
    *(FIND, UPLOAD, GET, CAPTURE, EXCHANGE, DELETE, MEDIA, LINK, FOLLOW),
    *live_operations.OPERATIONS,
    listening.LISTEN,
    *notice_operations.OPERATIONS,
    *(ACCOUNT, PING, DESCRIBE),
)
PUBLIC_PATHS = tuple(operation.path.split("{", maxsplit=1)[0] for operation in OPERATIONS if operation.public)
"""What the paths that are open to anybody begin with."""
