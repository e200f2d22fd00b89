"""Core to wire: one function a noun.  What a vendor does not know is null, never left out: clients index every key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callvault.dialects.contract import Terms, Visit
from callvault.dialects.signalwire import pages, paths, words
from callvault.dialects.signalwire.encryption import encryption_details
from callvault.dialects.signalwire.words import Vendor
from callvault.dialects.signalwire.xml import xml_list_reply, xml_reply
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.ranges import content_disposition, media_reply
from callvault.dialects.toolbox.times import rfc2822
from callvault.model.actor import Account
from callvault.model.life import LIVE
from callvault.model.query import Position, RecordingSlice
from callvault.model.recording import Recording, Source, Status
from callvault.vault.commands import OpenedMedia
from callvault.wire import WireReply

FINISHED_SETTING = "signalwire_finished_status"
FINISHED = "completed"
"""What the clients wait for; the page has ``stopped`` (decided by the setting)."""


def say_one(answer: Recording | OpenedMedia, visit: Visit) -> WireReply:
    """The audio, or the document."""
    if isinstance(answer, OpenedMedia):
        return _media(answer, visit)
    return document("recording", recording_object(answer, frame_of(visit)), visit)


def say_list(page: RecordingSlice, visit: Visit) -> WireReply:
    """A page with its links.  One that was read towards the front is turned round."""
    asked, frame = pages.asked(visit.request), frame_of(visit)
    items = page.items[::-1] if asked.backwards else page.items
    paging = pages.paging(visit.request, asked, items, _place, more=page.more)
    return list_reply("recordings", [recording_object(item, frame) for item in items], paging, visit)


def say_deleted(_: Recording, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """204, empty."""
    return WireReply(status=204)


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """What all recordings of an answer have in common."""

    vendor: Vendor
    account: str
    root: str
    """What their URIs begin with."""
    base_url: str
    cloak_key: bytes
    finished: str
    """What SignalWire calls one that is there to hear."""
    within: str | None
    """The noun that the path names before them: ``call`` or ``conference``; None: the account."""


def frame_of(visit: Visit) -> Frame:
    """That of a caller's answer."""
    request, terms = visit.request, visit.terms
    vendor = paths.vendor(request)
    account = words.write_sid(visit.account.id, "account", vendor)
    return Frame(
        vendor=vendor,
        account=account,
        root=f"{paths.base(request)}/Accounts/{account}",
        base_url=terms.base_url,
        cloak_key=terms.cloak_key,
        finished=str(terms.settings.get(FINISHED_SETTING, FINISHED)),
        within=next((noun for noun in ("call", "conference") if noun in request.parts), None),
    )


def recording_object(recording: Recording, frame: Frame) -> dict[str, Any]:
    """The fields that the caller's vendor has, with its types."""
    return (_twilio_recording if frame.vendor is Vendor.TWILIO else _signalwire_recording)(recording, frame)


def names(recording: Recording, account: Account, terms: Terms) -> Mapping[str, str]:
    """What SignalWire's clients call it, then Twilio's."""
    called: dict[str, str] = {}
    for vendor, prefix, base in ((Vendor.SIGNALWIRE, "", paths.LAML), (Vendor.TWILIO, "twilio_", paths.BARE)):
        sid = words.recording_sid(recording, vendor, terms.cloak_key)
        media = f"{terms.base_url}{base}/Accounts/{words.write_sid(account.id, 'account', vendor)}/Recordings/{sid}"
        called |= {
            f"{prefix}recording_sid": sid,
            f"{prefix}call_sid": words.call_sid(recording, vendor),
            f"{prefix}url": f"{media}.json",
            f"{prefix}media_url": media,
        }
        conference = words.conference_sid(recording, vendor)
        if conference is not None:
            called[f"{prefix}conference_sid"] = conference
    return called


def _signalwire_recording(recording: Recording, frame: Frame) -> dict[str, Any]:
    """The seventeen fields of the page, and ``start_time``: a client fails without it (signalwire 2.1.1).

    Under a call or a conference, which the page does not speak of, an older one fails without ``encryption_details``
    too (1.5.0).
    """
    vendor, root = frame.vendor, frame.root
    sid = words.recording_sid(recording, vendor, frame.cloak_key)
    call, conference = words.call_sid(recording, vendor), words.conference_sid(recording, vendor)
    outer = f"/Calls/{call}"
    if recording.source is Source.CONFERENCE and conference is not None:
        outer = f"/Conferences/{conference}"
    scoped = {"encryption_details": encryption_details(recording)} if frame.within else {}
    return {
        "account_sid": frame.account,
        "api_version": words.API_VERSION,
        "call_sid": call if words.shows_call(recording, vendor) else None,
        "conference_sid": conference,
        "channels": recording.channels,
        "date_created": rfc2822(recording.created_at),
        "date_updated": rfc2822(recording.updated_at),
        "start_time": rfc2822(recording.started_at),
        "end_time": rfc2822(recording.ended_at) if recording.ended_at else None,
        "price": recording.price,
        "price_unit": recording.price_unit or "USD",
        "duration": str(words.seconds(recording.duration_ms)),
        "sid": sid,
        "source": words.SOURCE[vendor][recording.origin],
        "status": words.status_word(recording, vendor, frame.finished),
        "error_code": recording.error,
        "uri": f"{root}{outer}/Recordings/{sid}.json",
        "subresource_uris": {"transcriptions": f"{root}/Recordings/{sid}/Transcriptions.json"},
        **scoped,
    }


def _twilio_recording(recording: Recording, frame: Frame) -> dict[str, Any]:
    """Three variants, by where it was asked for: the account's, a call's, a conference's."""
    vendor, root = frame.vendor, frame.root
    sid = words.recording_sid(recording, vendor, frame.cloak_key)
    call, conference = words.call_sid(recording, vendor), words.conference_sid(recording, vendor)
    extras = recording.extras.get(words.NAME, {})
    shown: dict[str, Any] = {
        "account_sid": frame.account,
        "api_version": words.API_VERSION,
        "call_sid": call,
        "conference_sid": conference,
        "channels": recording.channels,
        "date_created": rfc2822(recording.created_at),
        "date_updated": rfc2822(recording.updated_at),
        "start_time": rfc2822(recording.started_at),
        "price": recording.price,
        "price_unit": recording.price_unit,
        "duration": None if recording.status in LIVE else str(words.seconds(recording.duration_ms)),
        "sid": sid,
        "source": words.SOURCE[vendor][recording.origin],
        "status": words.status_word(recording, vendor, FINISHED),
        "error_code": _error_number(recording),
        "encryption_details": encryption_details(recording) or extras.get("encryption_details"),
    }
    if frame.within == "call":
        shown["track"] = extras.get("track", "both")
        shown["uri"] = f"{root}/Calls/{call}/Recordings/{sid}.json"
        return shown
    if frame.within == "conference":
        shown["uri"] = f"{root}/Conferences/{conference}/Recordings/{sid}.json"
        return shown
    own = f"{root}/Recordings/{sid}"
    lost = recording.status is Status.DELETED or recording.media_state in words.SILENT
    shown["uri"] = f"{own}.json"
    shown["subresource_uris"] = {
        "add_on_results": f"{own}/AddOnResults.json",
        "transcriptions": f"{own}/Transcriptions.json",
    }
    shown["media_url"] = None if lost else frame.base_url + own
    return shown


def _media(media: OpenedMedia, visit: Visit) -> WireReply:
    vendor = paths.vendor(visit.request)
    name = f"{words.recording_sid(media.recording, vendor, visit.terms.cloak_key)}.{media.format}"
    wanted = visit.request.first("Download")
    inline = wanted is None or wanted.lower() in {"false", "0"}
    return media_reply(
        media,
        visit.request,
        content_type=words.CONTENT_TYPE[media.format],
        disposition=content_disposition(name, inline=inline),
    )


def document(name: str, content: Mapping[str, Any], visit: Visit, *, status: int = 200) -> WireReply:
    if paths.wants_xml(visit.request):
        return xml_reply(name, content, status=status)
    return json_reply(content, status=status)


def list_reply(name: str, items: Sequence[Mapping[str, Any]], paging: Mapping[str, Any], visit: Visit) -> WireReply:
    """One key besides the paging: clients take the only other one for the items."""
    if paths.wants_xml(visit.request):
        return xml_list_reply(name, items, paging)
    return json_reply({**paging, name: items})


def root_of(recording: Recording, visit: Visit) -> str:
    account = words.write_sid(recording.account_id, "account", paths.vendor(visit.request))
    return f"{paths.base(visit.request)}/Accounts/{account}"


def _place(recording: Recording) -> Position:
    return Position(at=recording.created_at, id=recording.id)


def _error_number(recording: Recording) -> int | None:
    """Twilio's code, where the recording came with one; our own sentences have no number."""
    error = recording.error
    return int(error) if error is not None and error.isascii() and error.isdigit() else None
