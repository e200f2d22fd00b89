"""The paths of Bird's recordings family.  A table, no logic."""

from __future__ import annotations

from callvault.dialects.bird import replies, requests, steering, transcriptions
from callvault.dialects.contract import Route

WORKSPACE = "/workspaces/{workspace}"
RECORDING = WORKSPACE + "/recordings/{recording}"
TRANSCRIPTIONS = WORKSPACE + "/transcriptions"
LIVE = WORKSPACE + "/channels/{channel}/calls/{call}"
CALL = LIVE + "/recordings"

ROUTES = (
    Route(
        method="GET",
        path=WORKSPACE + "/recordings",
        read=requests.recordings,
        say=replies.say_list,
        about="Recordings of a workspace, newest first, by page token",
    ),
    Route(
        method="GET",
        path=RECORDING,
        read=requests.one,
        say=replies.say_one,
        about="One recording; with .mp3 or .wav behind its id, a redirect to its audio",
    ),
    Route(method="DELETE", path=RECORDING, read=requests.delete, say=replies.say_deleted, about="Delete a recording"),
    Route(
        method="GET",
        path=CALL,
        read=requests.recordings_of_call,
        say=replies.say_list_of_call,
        about="Recordings of a call",
    ),
    Route(
        method="GET",
        path=CALL + "/{recording}",
        read=requests.one_of_call,
        say=replies.say_one_of_call,
        about="One recording of a call",
    ),
    Route(
        method="POST",
        path=LIVE + "/record",
        read=steering.record,
        say=steering.say_started,
        about="Record what one party of a live call says",
    ),
    Route(
        method="POST",
        path=CALL,
        read=steering.record_call,
        say=steering.say_started,
        about="Record a live call",
    ),
    Route(
        method="PATCH",
        path=CALL + "/{recording}",
        read=steering.change,
        say=steering.say_changed,
        about="Pause a recording of a live call, let it go on, or complete it",
    ),
    Route(
        method="POST",
        path=RECORDING + "/transcriptions",
        read=transcriptions.request,
        say=transcriptions.say_requested,
        about="Have a recording transcribed",
    ),
    Route(
        method="GET",
        path=TRANSCRIPTIONS,
        read=transcriptions.transcriptions,
        say=transcriptions.say_list,
        about="Transcriptions of a workspace, newest first, by page token",
    ),
    Route(
        method="GET",
        path=TRANSCRIPTIONS + "/{transcription}",
        read=transcriptions.one,
        say=transcriptions.say_one,
        about="One transcription; with .json, .srt, .vtt or .txt behind its id, its words",
    ),
)
