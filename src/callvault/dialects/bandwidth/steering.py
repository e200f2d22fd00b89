"""Steering live calls: the state of a call's recording, and BXML that is pushed into a call or a conference.

There is one recording of a call at Bandwidth, so the state is that of all that are under way here.
What does not live here: how BXML is read (``bxml``).
"""

from __future__ import annotations

import orjson

from callvault.dialects.bandwidth import words
from callvault.dialects.bandwidth.bxml import Steer, Verb, read_bxml
from callvault.dialects.bandwidth.requests import account_of
from callvault.dialects.contract import Visit
from callvault.errors import BadRequest
from callvault.model.live import Phase
from callvault.model.media import MediaFormat
from callvault.model.recording import Origin
from callvault.model.wish import Wish
from callvault.vault.commands import Callback, Command, Ref
from callvault.vault.live_commands import StartRecording, Steered, SteerRecording
from callvault.wire import WireReply

STATES = {"paused": Phase.PAUSED, "recording": Phase.RUNNING}
"""In any case: older clients write upper case, and know a third one that no page has."""
FORMATS = {"wav": MediaFormat.WAV, "mp3": MediaFormat.MP3}
LONGEST_TEXT, LONGEST_TAG, LONGEST_CREDENTIAL = 2048, 256, 1024


def set_state(visit: Visit) -> SteerRecording:
    """``state``: paused or recording; what is so already is as good.

    Raises:
        BadRequest: the body is no JSON object, or its state none of the two.
    """
    account_id = account_of(visit)
    return SteerRecording(
        account_id=account_id,
        call=words.call_ref(visit.request.parts["call"]),
        to=_state(visit.request.body),
        all_of_them=True,
        settled=True,
    )


def run_bxml(visit: Visit) -> Command:
    """A verb for a call.

    Raises:
        BadRequest: it is no BXML, or not about a recording.
    """
    return _command(visit, words.call_ref(visit.request.parts["call"]), Origin.CALL_COMMAND)


def run_conference_bxml(visit: Visit) -> Command:
    """A verb for a conference.

    Raises:
        BadRequest: it is no BXML, or not about a recording.
    """
    return _command(visit, words.conference_ref(visit.request.parts["conference"]), Origin.CONFERENCE_COMMAND)


def say_set(_: Steered, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """200, empty."""
    return WireReply(status=200)


def say_run(_: Steered, visit: Visit) -> WireReply:  # noqa: ARG001
    """204, empty."""
    return WireReply(status=204)


def _command(visit: Visit, call: Ref, origin: Origin) -> Command:
    account_id = account_of(visit)
    verb = read_bxml(visit.request.body)
    match verb.name:
        case Steer.START:
            return StartRecording(account_id=account_id, call=call, wish=_wish(verb, origin), callback=_callback(verb))
        case Steer.STOP:
            return SteerRecording(account_id=account_id, call=call, to=Phase.STOPPED)
        case Steer.PAUSE:
            return SteerRecording(account_id=account_id, call=call, to=Phase.PAUSED, all_of_them=True)
        case Steer.RESUME:
            return SteerRecording(account_id=account_id, call=call, to=Phase.RUNNING, all_of_them=True)


def _wish(verb: Verb, origin: Origin) -> Wish:
    for name in ("transcribe", "detectLanguage"):
        verb.truth(name)
    return Wish(
        format=FORMATS[verb.word("fileFormat", "wav", "mp3")],
        channels=2 if verb.truth("multiChannel") else 1,
        label=verb.text("recordingName", LONGEST_TEXT),
        origin=origin,
    )


def _callback(verb: Verb) -> Callback | None:
    method = verb.word("recordingAvailableMethod", "POST", "GET")
    username, password = verb.text("username", LONGEST_CREDENTIAL), verb.text("password", LONGEST_CREDENTIAL)
    tag = verb.text("tag", LONGEST_TAG)
    url = verb.text("recordingAvailableUrl", LONGEST_TEXT)
    if url is None:
        return None
    options = {} if tag is None else {"tag": tag}
    return Callback(dialect=words.NAME, url=url, method=method, username=username, password=password, options=options)


def _state(body: bytes) -> Phase:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest("The request body is no JSON") from error
    if not isinstance(document, dict):
        raise BadRequest("The request body must be a JSON object")
    said = document.get("state")
    if said is None:
        raise BadRequest(f"state must be {' or '.join(STATES)}, but is missing", field="state")
    if not isinstance(said, str) or said.lower() not in STATES:
        raise BadRequest(f"state must be {' or '.join(STATES)}, but was {said}", field="state", value=str(said))
    return STATES[said.lower()]
