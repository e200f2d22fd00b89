"""SignalWire's and Twilio's recording status callbacks: form fields, in the words and ids of either vendor.

Each request carries both vendors' signatures: whichever validator the receiver has is given the key that it asks for.
Sources: NOTES.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from callvault.dialects.contract import Terms
from callvault.dialects.notices import Hooks, Telling
from callvault.dialects.signalwire import words
from callvault.dialects.signalwire.encryption import encryption_details
from callvault.dialects.signalwire.paths import BARE, LAML
from callvault.dialects.signalwire.words import Vendor
from callvault.dialects.toolbox.forms import FORM, form_body, with_query, without_fragment
from callvault.dialects.toolbox.signing import account_secret, hmac_base64
from callvault.dialects.toolbox.times import rfc2822
from callvault.errors import Conflict
from callvault.model.actor import Account
from callvault.model.events import EventKind
from callvault.model.hook import Failure, Hook, HookOption
from callvault.model.notice import Notice, Outcome, Rules
from callvault.model.recording import Direction, Recording

IN_PROGRESS, COMPLETED, ABSENT, FAILED = "in-progress", "completed", "absent", "failed"
EVENTS: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.STARTED: (IN_PROGRESS,),
    EventKind.AVAILABLE: (COMPLETED,),
    EventKind.FAILED: (ABSENT, FAILED),
    EventKind.TRANSCRIPTION_AVAILABLE: (COMPLETED,),
    EventKind.TRANSCRIPTION_FAILED: (FAILED,),
}
OPTIONS = {"vendor": HookOption(about="Whose words and ids are told.", choices=tuple(each.value for each in Vendor))}
BASE: Mapping[Vendor, str] = {Vendor.SIGNALWIRE: LAML, Vendor.TWILIO: BARE}
KEY_USE = "signalwire"

OPEN_S, READ_S, TOTAL_S = 2.0, 5.0, 15.0
LIMITS_MS = {"ot": (100, 10_000), "ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000)}
"""What may stand in a URL's fragment: SignalWire calls the time to connect ``ot``, Twilio ``ct``."""
MOST_RETRIES = 5
RETRIES = {Vendor.SIGNALWIRE: 0, Vendor.TWILIO: 1}
POLICY = frozenset({"ct"})


def rules(hook: Hook) -> Rules:
    """Best effort, unless the fragment of the URL says otherwise: times in ``ot``, ``ct``, ``rt``, ``tt``, and for
    Twilio how often (``rc``) and after what (``rp``) it is tried again.
    """
    told = dict(parse_qsl(urlsplit(hook.url).fragment))
    open_s = _seconds(told, "ot") or _seconds(told, "ct") or OPEN_S
    retries = RETRIES[_vendor(hook)]
    if told.get("rc", "").isdecimal():
        retries = min(int(told["rc"]), MOST_RETRIES)
    policy = frozenset(told["rp"].split(",")) if "rp" in told else POLICY
    return Rules(
        timeout_s=_seconds(told, "tt") or TOTAL_S,
        connect_s=open_s,
        read_s=_seconds(told, "rt") or READ_S,
        pauses_s=(1.0,) * retries,
        again=lambda outcome: _told_to(policy, outcome),
    )


def phrase(telling: Telling) -> Notice:
    """Fields in the body, or in the query; the signature covers both the same way.

    Raises:
        Conflict: the account has no key left that is kept whole.
    """
    url = without_fragment(telling.url)
    fields = _fields(telling)
    if telling.hook.method == "GET":
        url = with_query(url, fields.items())
        return Notice(method="GET", url=url, headers=_signatures(telling, url, {}))
    headers = (("Content-Type", FORM + "; charset=utf-8"), *_signatures(telling, url, fields))
    return Notice(method="POST", url=url, headers=headers, body=form_body(fields.items()))


def proof(account: Account, terms: Terms) -> Mapping[str, str]:
    """SignalWire's validators want the signing key; Twilio's want the auth token, which is the account's first key."""
    return {"signing_key": signing_key(account, terms)}


def signing_key(account: Account, terms: Terms) -> str:
    """In the form of the vendor's own."""
    return "PSK_" + account_secret(account, terms, KEY_USE).hex()


HOOKS = Hooks(
    events=EVENTS,
    usual=frozenset({EventKind.AVAILABLE}),
    methods=("POST", "GET"),
    options=OPTIONS,
    rules=rules,
    phrase=phrase,
    wants_auth_token=True,
    proof=proof,
)


def _vendor(hook: Hook) -> Vendor:
    return Vendor(hook.options.get("vendor", Vendor.SIGNALWIRE.value))


def _seconds(told: Mapping[str, str], name: str) -> float | None:
    """A time from the fragment, held within its limits."""
    text = told.get(name, "")
    if not (text.isascii() and text.isdecimal()):
        return None
    least, most = LIMITS_MS[name]
    return min(max(int(text), least), most) / 1000


def _told_to(policy: frozenset[str], outcome: Outcome) -> bool:
    """Whether the retry policy names what happened."""
    kinds = {"all"}
    if outcome.failure is Failure.UNREACHABLE:
        kinds.add("ct")
    elif outcome.failure is Failure.SILENT:
        kinds.add("rt")
    elif outcome.status is not None:
        kinds.add(f"{outcome.status // 100}xx")
    elif outcome.failure is not None:
        return False
    return bool(kinds & policy)


def _fields(telling: Telling) -> dict[str, str]:
    """What is empty is left out: many a receiver's form reader drops it, and then the signature would not fit."""
    transcription = telling.event.kind in {EventKind.TRANSCRIPTION_AVAILABLE, EventKind.TRANSCRIPTION_FAILED}
    told = _transcription(telling) if transcription else _recording(telling)
    return {name: str(value) for name, value in told.items() if value not in {None, ""}}


def _common(telling: Telling) -> dict[str, object]:
    recording, vendor = telling.recording, _vendor(telling.hook)
    return {
        "AccountSid": words.write_sid(recording.account_id, "account", vendor),
        "CallSid": words.call_sid(recording, vendor) if words.shows_call(recording, vendor) else None,
        "ConferenceSid": words.conference_sid(recording, vendor),
        "RecordingSid": words.recording_sid(recording, vendor, telling.terms.cloak_key),
        "RecordingUrl": _url(telling),
    }


def _recording(telling: Telling) -> dict[str, object]:
    recording, vendor = telling.recording, _vendor(telling.hook)
    status = _status(telling)
    told = {
        **_common(telling),
        "RecordingStatus": status,
        "RecordingDuration": words.seconds(recording.duration_ms) if status == COMPLETED else None,
        "RecordingChannels": recording.channels,
        "RecordingSource": words.SOURCE[vendor][recording.origin],
    }
    if vendor is Vendor.TWILIO:
        extras = recording.extras.get(words.NAME, {})
        told |= {
            "RecordingStartTime": rfc2822(recording.started_at),
            "RecordingTrack": extras.get("track", "both"),
            "ErrorCode": _error_code(recording) if status in {ABSENT, FAILED} else None,
            "EncryptionDetails": _encryption(recording) if status == COMPLETED else None,
        }
    return told


def _transcription(telling: Telling) -> dict[str, object]:
    recording, vendor = telling.recording, _vendor(telling.hook)
    sid, said = words.transcription_sid(recording, vendor), recording.transcription
    done = telling.event.kind is EventKind.TRANSCRIPTION_AVAILABLE
    told = {
        **_common(telling),
        "TranscriptionSid": sid,
        "TranscriptionText": said.text if said and done else "",
        "TranscriptionStatus": COMPLETED if done else FAILED,
        "TranscriptionUrl": f"{_account_url(telling)}/Transcriptions/{sid}",
    }
    if vendor is Vendor.TWILIO:
        told |= {
            "ApiVersion": words.API_VERSION,
            "Direction": "inbound" if recording.direction is Direction.INBOUND else "outbound-api",
            "From": recording.caller.number,
            "To": recording.callee.number,
            "TranscriptionType": words.TRANSCRIPTION_TYPE[vendor],
        }
    return told


def _status(telling: Telling) -> str:
    """``absent`` where nothing was captured, ``failed`` where it was and cannot be given out."""
    kind = telling.event.kind
    if kind is EventKind.FAILED:
        return ABSENT if telling.recording.media is None else FAILED
    return EVENTS[kind][0]


def _encryption(recording: Recording) -> str | None:
    """JSON in a field; left out where nothing was encrypted."""
    details = encryption_details(recording)
    return None if details is None else json.dumps(details, separators=(",", ":"))


def _error_code(recording: Recording) -> str | None:
    """Twilio's number, where the recording came with one."""
    error = recording.error
    return error if error is not None and error.isascii() and error.isdigit() else None


def _url(telling: Telling) -> str:
    """Without an ending: receivers append the one that they want."""
    sid = words.recording_sid(telling.recording, _vendor(telling.hook), telling.terms.cloak_key)
    return f"{_account_url(telling)}/Recordings/{sid}"


def _account_url(telling: Telling) -> str:
    vendor = _vendor(telling.hook)
    account = words.write_sid(telling.recording.account_id, "account", vendor)
    return f"{telling.terms.base_url}{BASE[vendor]}/Accounts/{account}"


def _signatures(telling: Telling, url: str, fields: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """HMAC-SHA1 over the URL and the fields in the order of their names.

    Twilio's page (Webhooks security, read 2026-11) and SignalWire's validators agree but for the key.
    """
    if telling.auth_token is None:
        raise Conflict("The account has no key left that is kept whole, and Twilio's signature is made with one.")
    message = (url + "".join(f"{name}{fields[name]}" for name in sorted(fields))).encode()
    own = signing_key(telling.account, telling.terms)
    return (
        ("X-Twilio-Signature", hmac_base64(telling.auth_token.encode(), message, "sha1")),
        ("X-SignalWire-Signature", hmac_base64(own.encode(), message, "sha1")),
        ("I-Twilio-Idempotency-Token", hashlib.sha256(telling.event.id.bytes).hexdigest()[:32]),
    )
