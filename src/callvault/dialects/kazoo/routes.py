"""The paths of Kazoo's recordings family, of its log-ins, and of the receiving end of its pushes.  A table, no logic.

``/v1`` is the same as ``/v2``: the Python client asks for it unless told otherwise.
"""

from __future__ import annotations

from callvault.dialects.contract import Route
from callvault.dialects.kazoo import endpoints, pushes, replies, requests, steering

ACCOUNT = "/accounts/{account}"
OWNED = ACCOUNT + "/users/{user}"
ITEM = "/recordings/{recording}"
CHANNEL = ACCOUNT + "/channels/{channel}"
DEVICE = ACCOUNT + "/devices/{device}"


def _recordings(prefix: str) -> tuple[Route, ...]:
    return (
        Route(
            method="GET",
            path=prefix + ACCOUNT + "/recordings",
            read=requests.list_of_account,
            say=replies.say_list,
            about="Recordings of an account, newest first, in pages",
        ),
        Route(
            method="POST",
            path=prefix + ACCOUNT + "/recordings",
            read=requests.tunnelled({"GET": requests.list_of_account}),
            say=replies.say_list,
            about="The same, the verb in the query or the body",
        ),
        Route(
            method="GET",
            path=prefix + OWNED + "/recordings",
            read=requests.list_of_user,
            say=replies.say_list,
            about="Recordings that a user owns",
        ),
        Route(
            method="POST",
            path=prefix + OWNED + "/recordings",
            read=requests.tunnelled({"GET": requests.list_of_user}),
            say=replies.say_list,
            about="The same, the verb in the query or the body",
        ),
        *(
            route
            for scope in (ACCOUNT, OWNED)
            for route in (
                Route(
                    method="GET",
                    path=prefix + scope + ITEM,
                    read=requests.one,
                    say=replies.say_recording,
                    about="One recording: its document, or its audio by Accept or ?accept=",
                ),
                Route(
                    method="DELETE",
                    path=prefix + scope + ITEM,
                    read=requests.delete,
                    say=replies.say_recording,
                    about="Delete a recording",
                ),
                Route(
                    method="PATCH",
                    path=prefix + scope + ITEM,
                    read=requests.change,
                    say=replies.say_recording,
                    about="Change what an app keeps with a recording: its user_metadata",
                ),
                Route(
                    method="POST",
                    path=prefix + scope + ITEM,
                    read=requests.tunnelled({"GET": requests.one, "DELETE": requests.delete, "PATCH": requests.change}),
                    say=replies.say_recording,
                    about="Any of them, the verb in the query or the body",
                ),
            )
        ),
    )


def _channels(prefix: str) -> tuple[Route, ...]:
    return (
        Route(
            method="GET",
            path=prefix + ACCOUNT + "/channels",
            read=steering.channels_of_account,
            say=steering.say_channels,
            about="Calls of an account that are under way",
        ),
        Route(
            method="GET",
            path=prefix + OWNED + "/channels",
            read=steering.channels_of_user,
            say=steering.say_channels,
            about="Calls of a user that are under way",
        ),
        Route(
            method="GET",
            path=prefix + CHANNEL,
            read=steering.one_channel,
            say=steering.say_channel,
            about="One of them, with the ids of the recordings that are being made of it",
        ),
        Route(
            method="PUT",
            path=prefix + CHANNEL,
            read=steering.run_metaflow,
            say=steering.say_sent,
            about="A metaflow `record_call`: start, stop, toggle, mask, unmask, pause, resume, with every parameter",
        ),
        Route(
            method="POST",
            path=prefix + CHANNEL,
            read=steering.run_action,
            say=steering.say_done,
            about="`start_record` or `stop_record`; or another verb, in the query or the body",
        ),
    )


def _endpoints(prefix: str) -> tuple[Route, ...]:
    return (
        *(
            Route(method=method, path=prefix + path, read=read, say=say, about=about)
            for path, say, asked, changed, of in (
                (ACCOUNT, endpoints.say_account, endpoints.get, endpoints.change_account, "an account"),
                (OWNED, endpoints.say_user, endpoints.get, endpoints.change_user, "a user"),
                (DEVICE, endpoints.say_device, endpoints.get_device, endpoints.change_device, "a device"),
            )
            for method, read, about in (
                ("GET", asked, f"The document of {of}, with its `call_recording`"),
                ("POST", changed, f"Another `call_recording` of {of}; or another verb, in the query or the body"),
                ("PATCH", changed, f"Some of the `call_recording` of {of}"),
            )
        ),
        Route(
            method="DELETE",
            path=prefix + DEVICE,
            read=endpoints.delete_device,
            say=endpoints.say_device,
            about="Forget a device, with its rules",
        ),
        *(
            Route(
                method="GET",
                path=prefix + scope + "/devices",
                read=endpoints.get,
                say=endpoints.say_devices,
                about="Devices" + (" that a user owns" if scope == OWNED else " of an account"),
            )
            for scope in (ACCOUNT, OWNED)
        ),
        Route(
            method="PUT",
            path=prefix + ACCOUNT + "/devices",
            read=endpoints.add_device,
            say=endpoints.say_device,
            about="A new device: a name, a SIP user name, an owner, a `call_recording`",
        ),
    )


def _log_ins(prefix: str) -> tuple[Route, ...]:
    return (
        Route(
            method="PUT",
            path=prefix + "/api_auth",
            read=requests.key_log_in,
            say=replies.say_session,
            public=True,
            about="A session for an API key",
        ),
        Route(
            method="PUT",
            path=prefix + "/user_auth",
            read=requests.user_log_in,
            say=replies.say_session,
            public=True,
            about="A session for a user's name and password",
        ),
        Route(
            method="GET",
            path=prefix + "/token_auth",
            read=requests.who_am_i,
            say=replies.say_identity,
            about="Whose token it is",
        ),
        Route(
            method="DELETE",
            path=prefix + "/token_auth",
            read=requests.log_out,
            say=replies.say_logged_out,
            about="Be done with a token; it runs out by itself",
        ),
    )


def _pushes(prefix: str) -> tuple[Route, ...]:
    return (
        *(
            route
            for place in ("/push/{token}/{file}", "/push/{place}", "/push")
            for route in (
                *(
                    Route(
                        method=method,
                        path=prefix + place,
                        read=pushes.take_in,
                        say=pushes.say_taken,
                        streams=True,
                        about="What Kazoo pushes: raw audio, and in the query what is known of it",
                    )
                    for method in ("PUT", "POST")
                ),
                Route(
                    method="GET",
                    path=prefix + place,
                    read=pushes.read_back,
                    say=pushes.say_original,
                    about="What was pushed, byte by byte",
                ),
            )
        ),
    )


def _preflights(routes: tuple[Route, ...]) -> tuple[Route, ...]:
    return tuple(
        Route(
            method="OPTIONS",
            path=path,
            read=requests.preflight,
            say=replies.say_preflight,
            public=True,
            about="What a browser asks first",
        )
        for path in dict.fromkeys(route.path for route in routes)
    )


def _version(prefix: str) -> tuple[Route, ...]:
    return (*_recordings(prefix), *_channels(prefix), *_endpoints(prefix), *_log_ins(prefix), *_pushes(prefix))


_BOTH = _version("/v2") + _version("/v1")
ROUTES = _BOTH + _preflights(_BOTH)
