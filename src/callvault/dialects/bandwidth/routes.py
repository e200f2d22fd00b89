"""The paths of Bandwidth's recordings family.  A table, no logic."""

from __future__ import annotations

from callvault.dialects.bandwidth import replies, requests, steering, transcriptions
from callvault.dialects.contract import Route

ACCOUNT = "/api/v2/accounts/{account}"
CALL = ACCOUNT + "/calls/{call}"
RECORDING = CALL + "/recordings/{recording}"
CONFERENCE = ACCOUNT + "/conferences/{conference}/recordings"

ROUTES = (
    Route(
        method="GET",
        path=ACCOUNT + "/recordings",
        read=requests.list_of_account,
        say=replies.say_list,
        about="Recordings of an account, oldest first, at most 1000",
    ),
    Route(
        method="GET",
        path=CALL + "/recordings",
        read=requests.list_of_call,
        say=replies.say_list,
        about="Recordings of a call",
    ),
    Route(method="GET", path=RECORDING, read=requests.one, say=replies.say_one, about="One recording"),
    Route(
        method="DELETE",
        path=RECORDING,
        read=requests.delete,
        say=replies.say_deleted,
        about="Delete a recording",
    ),
    Route(method="GET", path=RECORDING + "/media", read=requests.media, say=replies.say_media, about="Its audio"),
    Route(
        method="GET",
        path=RECORDING + "/transcription",
        read=requests.one,
        say=replies.say_transcript,
        about="Its transcript",
    ),
    Route(
        method="DELETE",
        path=RECORDING + "/media",
        read=requests.delete_media,
        say=replies.say_deleted,
        about="Delete its audio alone",
    ),
    Route(
        method="POST",
        path=RECORDING + "/transcription",
        read=transcriptions.request,
        say=replies.say_asked,
        about="Ask for a transcription",
    ),
    Route(
        method="DELETE",
        path=RECORDING + "/transcription",
        read=transcriptions.delete,
        say=replies.say_deleted,
        about="Delete its transcript",
    ),
    Route(
        method="PUT",
        path=CALL + "/recording",
        read=steering.set_state,
        say=steering.say_set,
        about="Pause what is being recorded of a live call, or let it go on",
    ),
    Route(
        method="PUT",
        path=CALL + "/bxml",
        read=steering.run_bxml,
        say=steering.say_run,
        about="BXML for a live call: start, stop, pause or resume a recording",
    ),
    Route(
        method="PUT",
        path=ACCOUNT + "/conferences/{conference}/bxml",
        read=steering.run_conference_bxml,
        say=steering.say_run,
        about="The same for a conference",
    ),
    Route(
        method="GET",
        path=CONFERENCE,
        read=requests.list_of_conference,
        say=replies.say_conference_list,
        about="Recordings of a conference",
    ),
    Route(
        method="GET",
        path=CONFERENCE + "/{recording}",
        read=requests.one_of_conference,
        say=replies.say_conference_one,
        about="One recording of a conference",
    ),
    Route(
        method="GET",
        path=CONFERENCE + "/{recording}/media",
        read=requests.media_of_conference,
        say=replies.say_media,
        about="Its audio",
    ),
)
