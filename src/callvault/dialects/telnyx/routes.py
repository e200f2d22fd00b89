"""The paths of Telnyx's recordings family.  A table, no logic."""

from __future__ import annotations

from callvault.dialects.contract import Route
from callvault.dialects.telnyx import replies, requests, steering, storage, texml, texml_steering, transcriptions
from callvault.model.live import Phase

RECORDINGS = "/v2/recordings"
RECORDING = RECORDINGS + "/{recording}"
TEXML = texml.ROOT + "/Accounts/{account}"
TEXML_CONFERENCE = TEXML + "/Conferences/{conference}/Recordings"

STARTS = {"call": steering.start_of_call, "conference": steering.start_of_conference}
COMMANDS = tuple(
    Route(
        method="POST",
        path=f"/v2/{noun}s/{{{noun}}}/actions/record_{verb}",
        read=STARTS[noun] if to is None else steering.steering(to, noun),
        say=steering.say_done,
        about=f"{about} {'live call' if noun == 'call' else 'conference under way'}",
    )
    for noun in STARTS
    for verb, to, about in (
        ("start", None, "Begin to record a"),
        ("stop", Phase.STOPPED, "Stop recording a"),
        ("pause", Phase.PAUSED, "Pause the recordings of a"),
        ("resume", Phase.RUNNING, "Go on recording a"),
    )
)

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
    Route(
        method="POST",
        path=RECORDINGS + "/actions/delete",
        read=requests.delete_several,
        say=replies.say_several_deleted,
        about="Delete several call recordings",
    ),
    Route(
        method="DELETE",
        path=RECORDING + "/actions/delete",
        read=requests.delete_several_by_query,
        say=replies.say_several_deleted,
        about="The same, as the Python client before version 3 asks for it",
    ),
    Route(
        method="GET",
        path=transcriptions.ROOT,
        read=transcriptions.transcriptions,
        say=transcriptions.say_list,
        about="List all recording transcriptions, newest first",
    ),
    Route(
        method="GET",
        path=transcriptions.ROOT + "/{transcription}",
        read=transcriptions.one,
        say=transcriptions.say_one,
        about="Retrieve a recording transcription",
    ),
    Route(
        method="DELETE",
        path=transcriptions.ROOT + "/{transcription}",
        read=transcriptions.delete,
        say=transcriptions.say_one,
        about="Delete a recording transcription",
    ),
    *(
        Route(method=method, path=storage.PATH, read=read, say=say, about=about)
        for method, read, say, about in (
            ("GET", storage.retrieve, storage.say, "Retrieve a connection's storage credentials"),
            ("POST", storage.create, storage.say, "Keep a connection's recordings in a bucket of one's own"),
            ("PUT", storage.update, storage.say, "Replace a connection's storage credentials"),
            ("DELETE", storage.delete, storage.say_deleted, "Delete a connection's storage credentials"),
        )
    ),
    Route(
        method="GET",
        path=TEXML + "/Recordings.json",
        read=texml.list_of_account,
        say=texml.say_list,
        about="TeXML: recordings of an account",
    ),
    Route(
        method="GET",
        path=TEXML + "/Recordings/{recording}",
        read=texml.one,
        say=texml.say_one,
        about="TeXML: one recording",
    ),
    Route(
        method="DELETE",
        path=TEXML + "/Recordings/{recording}",
        read=texml.delete,
        say=texml.say_deleted,
        about="TeXML: delete a recording",
    ),
    Route(
        method="GET",
        path=TEXML + "/Calls/{call}/Recordings.json",
        read=texml.list_of_call,
        say=texml.say_list,
        about="TeXML: recordings of a call",
    ),
    Route(
        method="POST",
        path=TEXML + "/Calls/{call}/Recordings.json",
        read=texml_steering.start,
        say=texml_steering.say,
        about="TeXML: begin to record a live call",
    ),
    Route(
        method="POST",
        path=TEXML + "/Calls/{call}/Recordings/{recording}",
        read=texml_steering.update,
        say=texml_steering.say,
        about="TeXML: pause, resume or stop a recording under way",
    ),
    Route(
        method="GET",
        path=TEXML_CONFERENCE + ".json",
        read=texml.list_of_conference,
        say=texml.say_list,
        about="TeXML: recordings of a conference",
    ),
    Route(
        method="GET",
        path=TEXML_CONFERENCE,
        read=texml.list_of_conference,
        say=texml.say_list_of_conference,
        about="TeXML: recordings of a conference, in the conference's own shape",
    ),
    *COMMANDS,
)
