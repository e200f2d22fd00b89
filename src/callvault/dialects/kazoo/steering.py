"""Live channels: what is asked of them, and how they are told.

A channel is steered by a metaflow (``PUT``) or by the two actions of 5.x (``POST``).  Kazoo hands either to whoever
has the call and does not wait: it answers 202 whether or not there was something to stop.
What does not live here: the recording parameters (``parameters``).
Source: applications/crossbar, doc/channels.md and ``cb_channels.erl``; ``ecallmgr_fs_channel.erl`` (4.3 and 5.x, read
2026-11).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from callvault.dialects.contract import Terms, Visit
from callvault.dialects.kazoo import requests, words
from callvault.dialects.kazoo.auth import shown_token
from callvault.dialects.kazoo.envelopes import open_data, open_envelope, revision_of, seal
from callvault.dialects.kazoo.parameters import Parameters, Unfit, WrongAction, read_wish
from callvault.dialects.toolbox.times import gregorian
from callvault.model.destination import Network, read_networks
from callvault.model.live import LiveCall, Phase
from callvault.model.recording import Origin
from callvault.vault.commands import Command, Ref
from callvault.vault.live_commands import (
    FindLiveCalls,
    GetLiveCall,
    MaskCall,
    StartRecording,
    SteerRecording,
    ToggleRecording,
)
from callvault.wire import WireReply, WireRequest

METAFLOW, MODULE = "metaflow", "record_call"
SENT = "metaflow sent"
ACTIONS = ("start", "stop", "toggle", "mask", "unmask", "pause", "resume")
USUAL_ACTION = "start"
RECORDING = {"start_record": "recording started", "stop_record": "recording stopped"}
"""The actions of 5.x, and what they answer."""
_STEERED = {"stop": Phase.STOPPED, "pause": Phase.PAUSED, "resume": Phase.RUNNING}
_MASKED = {"mask": True, "unmask": False}
ABSENT = (None, "")


# Wire to core


def channels_of_account(visit: Visit) -> FindLiveCalls:
    """The calls of the account that are under way."""
    return FindLiveCalls(account_id=requests.account(visit))


def channels_of_user(visit: Visit) -> FindLiveCalls:
    """Those of a user."""
    account_id, user_id = requests.account(visit), requests.user(visit)
    return FindLiveCalls(account_id=account_id, user_id=user_id, known_user=user_id)


def one_channel(visit: Visit) -> GetLiveCall:
    """One of them."""
    return GetLiveCall(account_id=requests.account(visit), call=channel_ref(visit))


def run_metaflow(visit: Visit) -> Command:
    """A metaflow's module with its data; only ``record_call`` is carried out here.

    Raises:
        WrongAction: the action is no metaflow, or the module another.
        Unfit: a parameter breaks its schema.
    """
    account_id, call, data = requests.account(visit), channel_ref(visit), open_data(visit.request)
    if action_of(visit.request) != METAFLOW:
        raise WrongAction(f"action must be {METAFLOW}.", field="action", value=str(action_of(visit.request)))
    parameters = _module_data(data)
    action = parameters.choice("action", ACTIONS) or USUAL_ACTION
    networks = allowed_networks(visit.terms)
    wish = read_wish(parameters, origin=Origin.CALL_COMMAND, networks=networks)  # what is wrong is told in any case
    if parameters.truth("skip_module"):
        return GetLiveCall(account_id=account_id, call=call)
    if action in _MASKED:
        return MaskCall(account_id=account_id, call=call, on=_MASKED[action])
    if action in _STEERED:
        return SteerRecording(account_id=account_id, call=call, to=_STEERED[action])
    if action == "toggle":
        return ToggleRecording(account_id=account_id, call=call, wish=wish)
    return StartRecording(account_id=account_id, call=call, wish=wish)


def run_action(visit: Visit) -> Command:
    """``start_record`` and ``stop_record``, which take no parameters; or another verb that the POST carries.

    Raises:
        WrongAction: it is another action; Kazoo's transfers and the like belong to a switch.
    """
    tunnelled: Mapping[str, Callable[[Visit], Command]] = {"GET": one_channel, "PUT": run_metaflow}
    verb = requests.verb(visit.request)
    if verb in tunnelled:
        return tunnelled[verb](visit)
    account_id, call = requests.account(visit), channel_ref(visit)
    action = action_of(visit.request)
    if action == "stop_record":
        return SteerRecording(account_id=account_id, call=call, to=Phase.STOPPED)
    if action != "start_record":
        raise WrongAction(f"action must be one of {', '.join(RECORDING)}.", field="action", value=str(action))
    networks = allowed_networks(visit.terms)
    wish = read_wish(Parameters(said={}), origin=Origin.CALL_COMMAND, networks=networks)
    return StartRecording(account_id=account_id, call=call, wish=wish)


def channel_ref(visit: Visit) -> Ref:
    """The call that the path names: by its id here, or by its Call-ID."""
    text = visit.request.parts["channel"]
    return words.call_ref(text) or Ref(dialect=words.NAME, kind="call", text=text, computed=None)


def allowed_networks(terms: Terms) -> Sequence[Network]:
    """Where files may be pushed besides public addresses: where notices may go."""
    return read_networks(str(terms.settings.get("hook_networks", "")))


def action_of(request: WireRequest) -> str | None:
    """What is to be done, as the envelope says it, or the data in it."""
    envelope = open_envelope(request)
    data = envelope.get("data")
    said = envelope.get("action") or (data.get("action") if isinstance(data, Mapping) else None)
    return said.lower() if isinstance(said, str) else None


def _module_data(data: Mapping[str, Any]) -> Parameters:
    """The parameters of the module; it stands in ``data`` or, as the documentation has it, in the ``data`` of that."""
    node: Mapping[str, Any] = data
    path: tuple[str, ...] = ()
    inner = data.get("data")
    if "module" not in data and isinstance(inner, Mapping) and "module" in inner:
        node, path = inner, ("data",)
    module = node.get("module")
    if module is None:
        raise Unfit("Field is required but missing", path=(*path, "module"), rule="required")
    if module != MODULE:
        raise Unfit(f"module must be {MODULE}.", path=(*path, "module"), rule="enum", said=module, target=[MODULE])
    parameters = node.get("data", {})
    if not isinstance(parameters, Mapping):
        raise Unfit("data must be an object.", path=(*path, "data"), rule="type", said=parameters, target="object")
    return Parameters(said=parameters, path=(*path, "data"))


# Core to wire


def say_channels(calls: Sequence[LiveCall], visit: Visit) -> WireReply:
    """All at once: Kazoo has no pages here."""
    items = [channel(call, visit.terms) for call in calls]
    return _sealed(items, visit, revision=revision_of(items) if items else None)


def say_channel(call: LiveCall, visit: Visit) -> WireReply:
    """One, with more of it."""
    data = channel_details(call, visit.terms)
    return _sealed(data, visit, revision=revision_of(data))


def say_sent(_: object, visit: Visit) -> WireReply:
    """That the metaflow is on its way."""
    return sent(visit.request, visit.terms)


def say_done(answer: object, visit: Visit) -> WireReply:
    """What the POST's action, or the verb that it carried, answers."""
    if requests.verb(visit.request) == "GET" and isinstance(answer, LiveCall):
        return say_channel(answer, visit)
    return sent(visit.request, visit.terms)


def sent(request: WireRequest, terms: Terms) -> WireReply:
    """202 whatever came of it: Kazoo does not wait for it."""
    told = RECORDING.get(action_of(request) or "", SENT) if request.method == "POST" else SENT
    return seal(told, request, terms, token=shown_token(request), status=202)


def channel(call: LiveCall, terms: Terms) -> dict[str, Any]:
    """A line of a list."""
    fields = {
        "answered": call.answered_at is not None,
        "callee_id_name": call.callee.name,
        "callee_id_number": call.callee.number,
        "caller_id_name": call.caller.name,
        "caller_id_number": call.caller.number,
        "destination": call.callee.number or call.callee.identity,
        "direction": words.DIRECTION[call.direction],
        "elapsed_s": max(0, int((terms.now - call.began_at).total_seconds())),
        "interaction_id": words.live_interaction_id(call),
        "is_loopback": False,
        "is_onhold": call.held,
        "owner_id": call.user_id.hex if call.user_id else None,
        "timestamp": gregorian(call.began_at),
        "uuid": words.live_call_id(call),
    }
    return {key: value for key, value in fields.items() if value not in ABSENT}


def channel_details(call: LiveCall, terms: Terms) -> dict[str, Any]:
    """One channel by itself, for which Kazoo asks the switch: some names are others than in a list."""
    line = channel(call, terms)
    made = [words.computed_id(each.id) for each in call.active]
    renamed = {"direction": "call_direction", "elapsed_s": "elapsed_seconds", "is_onhold": "is_on_hold"}
    details = {renamed.get(key, key): value for key, value in line.items()}
    details |= {"call_id": line["uuid"]}
    details["custom_channel_vars"] = {
        "account_id": call.account_id.hex,
        "call_interaction_id": line["interaction_id"],
        **({"owner_id": line["owner_id"]} if "owner_id" in line else {}),
        **({"media_recording_id": made[-1], "media_recordings": made} if made else {}),
    }
    return {key: details[key] for key in sorted(details)}


def _sealed(data: object, visit: Visit, *, revision: str | None) -> WireReply:
    return seal(data, visit.request, visit.terms, token=shown_token(visit.request), revision=revision)
