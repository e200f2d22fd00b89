"""The paths of Telnyx's recordings family.  A table, no logic."""

from __future__ import annotations

from callvault.dialects.contract import Route
from callvault.dialects.telnyx import replies, requests

RECORDINGS = "/v2/recordings"
RECORDING = RECORDINGS + "/{recording}"

ROUTES = (
    Route(
        method="GET",
        path=RECORDINGS,
        read=requests.recordings,
        say=replies.say_list,
        about="List all call recordings, newest first, by page number",
    ),
    Route(method="GET", path=RECORDING, read=requests.one, say=replies.say_one, about="Retrieve a call recording"),
    Route(
        method="DELETE",
        path=RECORDING,
        read=requests.delete,
        say=replies.say_deleted,
        about="Delete a call recording",
    ),
)
