"""How each verb is said on each vendor's wire: one table, so that one suite can speak them all.

What a vendor cannot say is said over our own API, and is listed as ``unsaid``.  What does not live here: what has to
come of a verb.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson


@dataclass(kw_only=True)
class Line:
    """One live call, and the way to whoever has it."""

    url: str
    """Of the server, without a slash at the end."""
    token: str
    account: Mapping[str, Any]
    """As our own API tells of it."""
    names: Mapping[str, str]
    """What each vendor calls the call."""
    take: str
    recording: str | None = None
    """What the vendor called the recording when it began."""

    def send(self, said: Said) -> httpx.Response:
        """Say it, and be answered."""
        return httpx.request(
            said.method, self.url + said.path, headers=dict(said.headers), content=said.body, timeout=30
        )


@dataclass(frozen=True, kw_only=True)
class Said:
    """One request."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    answers: int = 200


Say = Callable[[Line], Said]


@dataclass(frozen=True, kw_only=True)
class Wire:
    """One vendor's."""

    name: str
    start: Say
    pause: Say
    resume: Say
    stop: Say
    mask: Say
    unmask: Say
    named: Callable[[Any], str | None] = lambda _: None
    """What the answer to ``start`` calls the recording."""
    silent: bool = False
    """Whether a pause, as it is said here, is silence in the file; else it is cut out."""
    unsaid: frozenset[str] = frozenset()
    """The verbs for which the vendor has no word."""

    def say(self, verb: str) -> Say:
        """How it is said."""
        found: Say = getattr(self, verb)
        return found


def _json(method: str, path: str, document: Any, shown: Mapping[str, str], answers: int) -> Said:
    headers = {"Content-Type": "application/json", **shown}
    return Said(method=method, path=path, body=orjson.dumps(document), headers=headers, answers=answers)


def _bearer(line: Line) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {line.token}"}


def _basic(user: str, password: str) -> Mapping[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


# Our own API


def _own(method: str, rest: str, document: Any, answers: int = 200) -> Say:
    return lambda line: _json(method, f"/callvault/v1/calls/{line.take}/{rest}", document, _bearer(line), answers)


def _own_mask(*, on: bool) -> Say:
    return _own("PUT", "mask", {"on": on})


UNMASKABLE = {"mask": _own_mask(on=True), "unmask": _own_mask(on=False), "unsaid": frozenset({"mask", "unmask"})}
"""Of the vendors, Kazoo alone has a word for masking."""

CALLVAULT = Wire(
    name="callvault",
    start=_own("POST", "recordings", {"format": "wav", "channels": 2}, 201),
    pause=_own("PATCH", "recordings/current", {"to": "paused"}),
    resume=_own("POST", "recordings/all", {"to": "running"}),
    stop=_own("PATCH", "recordings/current", {"to": "stopped", "only": True}),
    mask=_own_mask(on=True),
    unmask=_own_mask(on=False),
)


# Bandwidth


def _bandwidth(path: str, content_type: str, body: str, answers: int) -> Say:
    def say(line: Line) -> Said:
        call = f"/api/v2/accounts/{line.account['serial']}/calls/{line.names['bandwidth']}"
        shown = {"Content-Type": content_type, **_basic(line.token[:16], line.token[16:])}
        return Said(method="PUT", path=f"{call}/{path}", body=body.encode(), headers=shown, answers=answers)

    return say


def _bxml(verb: str) -> Say:
    return _bandwidth("bxml", "application/xml", f'<?xml version="1.0" encoding="utf-8"?><Bxml><{verb}/></Bxml>', 204)


def _state(word: str) -> Say:
    return _bandwidth("recording", "application/json", f'{{"state": "{word}"}}', 200)


BANDWIDTH = Wire(
    name="bandwidth",
    start=_bxml('StartRecording multiChannel="true"'),
    pause=_state("paused"),
    resume=_state("recording"),
    stop=_bxml("StopRecording"),
    **UNMASKABLE,  # type: ignore[arg-type]
)


# Kazoo


def _metaflow(action: str) -> Say:
    def say(line: Line) -> Said:
        path = f"/v2/accounts/{line.account['id'].replace('-', '')}/channels/{quote(line.names['kazoo'], safe='')}"
        flow = {"module": "record_call", "data": {"action": action, "format": "wav"}}
        return _json("PUT", path, {"data": {"action": "metaflow", **flow}}, {"X-Auth-Token": line.token}, 202)

    return say


KAZOO = Wire(
    name="kazoo",
    **{verb: _metaflow(verb) for verb in ("start", "pause", "resume", "stop", "mask", "unmask")},  # type: ignore[arg-type]
)


# Bird


def _bird(method: str, status: str | None) -> Say:
    def say(line: Line) -> Said:
        path = f"/workspaces/{line.account['id']}/channels/voice/calls/{line.names['bird']}/recordings"
        shown = {"Authorization": f"AccessKey {line.token}"}
        if status is None:
            return _json(method, path, {"stereo": True}, shown, 202)
        return _json(method, f"{path}/{line.recording}", {"status": status}, shown, 202)

    return say


BIRD = Wire(
    name="bird",
    start=_bird("POST", None),
    pause=_bird("PATCH", "paused"),
    resume=_bird("PATCH", "ongoing"),
    stop=_bird("PATCH", "completed"),
    named=lambda answer: str(answer["recordingId"]),
    **UNMASKABLE,  # type: ignore[arg-type]
)


# Telnyx


def _telnyx(action: str, **parameters: str) -> Say:
    def say(line: Line) -> Said:
        path = f"/v2/calls/{quote(line.names['telnyx'], safe='')}/actions/{action}"
        return _json("POST", path, parameters, _bearer(line), 200)

    return say


TELNYX = Wire(
    name="telnyx",
    start=_telnyx("record_start", format="wav", channels="dual"),
    pause=_telnyx("record_pause"),
    resume=_telnyx("record_resume"),
    stop=_telnyx("record_stop"),
    **UNMASKABLE,  # type: ignore[arg-type]
)


# SignalWire and Twilio


def _signalwire(parameters: Mapping[str, str], *, answers: int = 200) -> Say:
    def say(line: Line) -> Said:
        account = line.account["id"]
        path = f"/api/laml/2010-04-01/Accounts/{account}/Calls/{line.names['signalwire']}/Recordings"
        return _form(f"{path}/{line.recording}" if line.recording else path, parameters, account, line, answers)

    return say


def _twilio(parameters: Mapping[str, str], *, answers: int = 200) -> Say:
    def say(line: Line) -> Said:
        account = "AC" + line.account["id"].replace("-", "")
        path = f"/2010-04-01/Accounts/{account}/Calls/{line.names['twilio']}/Recordings"
        return _form(
            f"{path}/Twilio.CURRENT.json" if line.recording else f"{path}.json", parameters, account, line, answers
        )

    return say


def _form(path: str, parameters: Mapping[str, str], account: str, line: Line, answers: int) -> Said:
    shown = {"Content-Type": "application/x-www-form-urlencoded", **_basic(account, line.token)}
    return Said(method="POST", path=path, body=urlencode(parameters).encode(), headers=shown, answers=answers)


SIGNALWIRE = Wire(
    name="signalwire",
    start=_signalwire({"RecordingChannels": "dual"}),
    pause=_signalwire({"Status": "paused", "PauseBehavior": "skip"}),
    resume=_signalwire({"Status": "in-progress"}),
    stop=_signalwire({"Status": "stopped"}),
    named=lambda answer: str(answer["sid"]),
    **UNMASKABLE,  # type: ignore[arg-type]
)
TWILIO = Wire(
    name="twilio",
    start=_twilio({"RecordingChannels": "dual"}, answers=201),
    pause=_twilio({"Status": "paused", "PauseBehavior": "silence"}),
    resume=_twilio({"Status": "in-progress"}),
    stop=_twilio({"Status": "stopped"}),
    named=lambda answer: str(answer["sid"]),
    silent=True,
    **UNMASKABLE,  # type: ignore[arg-type]
)

WIRES = (CALLVAULT, BANDWIDTH, KAZOO, BIRD, TELNYX, SIGNALWIRE, TWILIO)
