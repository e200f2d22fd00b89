"""The paths of Bandwidth's recordings family.  A table, no logic."""

from __future__ import annotations

from callvault.dialects.bandwidth import replies, requests
from callvault.dialects.contract import Route

ACCOUNT = "/api/v2/accounts/{account}"
RECORDING = ACCOUNT + "/calls/{call}/recordings/{recording}"

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
        path=ACCOUNT + "/calls/{call}/recordings",
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
)
