"""The paths of the recordings family.  A table, no logic but its repetition under each base and ending."""

from __future__ import annotations

from callvault.dialects.contract import Route
from callvault.dialects.signalwire import public_keys, replies, requests, steering, transcriptions
from callvault.dialects.signalwire.paths import BASES, JSON

ACCOUNT = "/Accounts/{account}"
CALL = ACCOUNT + "/Calls/{call}"
CONFERENCE = ACCOUNT + "/Conferences/{conference}"


def _recordings(base: str) -> tuple[Route, ...]:
    one = tuple(
        Route(
            method="GET",
            path=f"{base}{outer}/Recordings/{{recording}}",
            read=requests.one,
            say=replies.say_one,
            public=True,  # audio may be; what is known of it asks for the caller in ``read``
            about=about,
        )
        for outer, about in (
            (ACCOUNT, "One recording: .wav or nothing, .mp3, .json"),
            (CALL, "One recording of a call"),
            (CONFERENCE, "One recording of a conference"),
        )
    )
    delete = tuple(
        Route(
            method="DELETE",
            path=f"{base}{outer}/Recordings/{{recording}}",
            read=requests.delete,
            say=replies.say_deleted,
            about="Delete a recording",
        )
        for outer in (ACCOUNT, CALL, CONFERENCE)
    )
    lists = tuple(
        Route(method="GET", path=f"{base}{outer}/Recordings{ending}", read=read, say=replies.say_list, about=about)
        for outer, read, about in (
            (ACCOUNT, requests.list_of_account, "Recordings of an account, newest first"),
            (CALL, requests.list_of_call, "Recordings of a call"),
            (CONFERENCE, requests.list_of_conference, "Recordings of a conference"),
        )
        for ending in ("", JSON)
    )
    return (*lists, *one, *delete)


def _steering(base: str) -> tuple[Route, ...]:
    return (
        *(
            Route(
                method="POST",
                path=f"{base}{CALL}/Recordings{ending}",
                read=steering.start,
                say=steering.say_started,
                about="Begin to record a live call",
            )
            for ending in ("", JSON)
        ),
        *(
            Route(
                method="POST",
                path=f"{base}{outer}/Recordings/{{recording}}",
                read=steering.update,
                say=steering.say_updated,
                about=f"Pause, resume or stop a recording under way of a {of}",
            )
            for outer, of in ((CALL, "call"), (CONFERENCE, "conference"))
        ),
    )


def _transcriptions(base: str) -> tuple[Route, ...]:
    lists = tuple(
        Route(method="GET", path=f"{base}{outer}/Transcriptions{ending}", read=read, say=say, about=about)
        for outer, read, say, about in (
            (ACCOUNT, transcriptions.list_of_account, transcriptions.say_list, "Transcriptions of an account"),
            (
                ACCOUNT + "/Recordings/{recording}",
                transcriptions.list_of_recording,
                transcriptions.say_list_of_recording,
                "Transcriptions of a recording",
            ),
        )
        for ending in ("", JSON)
    )
    one = tuple(
        Route(
            method=method,
            path=f"{base}{outer}/Transcriptions/{{transcription}}",
            read=read,
            say=say,
            about=f"{about}{of}",
        )
        for outer, of in ((ACCOUNT, ""), (ACCOUNT + "/Recordings/{recording}", ", within its recording"))
        for method, read, say, about in (
            ("GET", transcriptions.one, transcriptions.say_one, "One transcription; with .txt its text alone"),
            ("DELETE", transcriptions.delete, transcriptions.say_deleted, "Delete a transcription"),
        )
    )
    return (*lists, *one)


def _under(base: str) -> tuple[Route, ...]:
    return (*_recordings(base), *_steering(base), *_transcriptions(base))


PUBLIC_KEYS = (
    Route(
        method="POST",
        path=public_keys.PATH,
        read=public_keys.create,
        say=public_keys.say_created,
        about="Twilio: add a public key for encryption",
    ),
    Route(
        method="GET",
        path=public_keys.PATH,
        read=public_keys.list_,
        say=public_keys.say_list,
        about="Twilio: public keys of the account",
    ),
    Route(
        method="GET",
        path=public_keys.PATH + "/{key}",
        read=public_keys.one,
        say=public_keys.say_one,
        about="Twilio: one public key",
    ),
    Route(
        method="POST",
        path=public_keys.PATH + "/{key}",
        read=public_keys.rename,
        say=public_keys.say_one,
        about="Twilio: rename a public key",
    ),
    Route(
        method="DELETE",
        path=public_keys.PATH + "/{key}",
        read=public_keys.delete,
        say=public_keys.say_deleted,
        about="Twilio: delete a public key",
    ),
)

ROUTES = (*(route for base in BASES for route in _under(base)), *PUBLIC_KEYS)
