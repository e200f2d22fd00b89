"""Twilio's and SignalWire's own clients against a running server, all held to the same statements.

SignalWire's, and Twilio's in JavaScript, come over TLS with a private authority.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.archive import CARDS, IN_CONFERENCE, LAST, MONO, TRANSCRIBED, Filled, fill
from tests.system.authority import Certificates
from tests.system.conversation import Client, Statement, hold, refuses, says
from tests.system.laml import signalwire_clients, twilio_clients
from tests.system.running import Running

STATUSES = (400, 401, 404)
PYTHON = dict.fromkeys(STATUSES, "TwilioRestException") | {400: "TwilioException"}
"""What a page cannot be fetched with is another class, in every generation; here, that is all with 400."""
JAVASCRIPT = dict.fromkeys(STATUSES, "RestException")


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """What the statements differ in."""

    prefix: str
    """Of the names that ``callvault show`` prints."""
    root: str
    unknown: str
    no_id: int
    """The code of an id that is none."""
    deleted_listed: bool
    """Whether its clients can list what was deleted."""


TWILIO = Vendor(prefix="twilio_", root="/2010-04-01", unknown="RE" + "0" * 32, no_id=20001, deleted_listed=True)
SIGNALWIRE = Vendor(
    prefix="",
    root="/2010-04-01",
    unknown="00000000-0000-4000-8000-000000000000",
    no_id=10000,
    deleted_listed=False,
)
TWILIO_CLIENTS = twilio_clients(PYTHON, JAVASCRIPT)
SIGNALWIRE_CLIENTS = signalwire_clients(PYTHON, JAVASCRIPT)


@pytest.mark.parametrize("client", [client.parameter() for client in TWILIO_CLIENTS])
def test_twilio(
    client: Client, server: Running, tls_server: Running, certificates: Certificates, tmp_path: Path
) -> None:
    filled = fill(tls_server if client.tls else server, tmp_path, client.name)
    hold(client, filled.credentials("signalwire"), statements(filled, TWILIO), certificates.authority)


@pytest.mark.parametrize("client", [client.parameter() for client in SIGNALWIRE_CLIENTS])
def test_signalwire(client: Client, tls_server: Running, certificates: Certificates, tmp_path: Path) -> None:
    filled = fill(tls_server, tmp_path, client.name)
    hold(client, filled.credentials("signalwire"), statements(filled, SIGNALWIRE), certificates.authority)


def statements(filled: Filled, vendor: Vendor) -> list[Statement]:
    return [
        *lists(filled, vendor),
        *one(filled, vendor),
        *media(filled, vendor),
        *transcriptions(filled, vendor),
        *deletions(filled, vendor),
    ]


def lists(filled: Filled, vendor: Vendor) -> list[Statement]:
    sids = filled.names("signalwire", f"{vendor.prefix}recording_sid")
    call = filled.names("signalwire", f"{vendor.prefix}call_sid")[LAST]
    conference = filled.names("signalwire", f"{vendor.prefix}conference_sid")[IN_CONFERENCE]
    newest_first = sids[::-1]
    noon = "2026-01-03T12:00:00+00:00"
    """Of the day on which the third began and was made."""
    first, second, third = newest_first[:2], newest_first[2:4], newest_first[4:]
    return [
        says("all, newest first", "list", {}, newest_first),
        says("all, two by two", "list", {"page_size": 2}, newest_first),
        says("three of them, two by two", "list", {"page_size": 2, "limit": 3}, newest_first[:3]),
        says("page by page and back", "pages", {"page_size": 2}, [first, second, third, second, first]),
        says("of a call", "list", {"call_sid": call}, [sids[LAST]]),
        says("of a conference", "list", {"conference_sid": conference}, [sids[IN_CONFERENCE]]),
        says("of a day", "list", {"date_created": noon}, [sids[2]]),
        says("after a time", "list", {"date_created_after": noon}, newest_first[:2]),
        says("before a time", "list", {"date_created_before": noon}, newest_first[2:]),
        says(
            "between two times",
            "list",
            {"date_created_after": "2026-01-02T12:00:00+00:00", "date_created_before": noon},
            [sids[2]],
        ),
        says("in a call", "list", {"call": call}, [sids[LAST]]),
        says("in a call, of another day", "list", {"call": call, "date_created": noon}, []),
        says("in a call, before a day", "list", {"call": call, "date_created_before": noon}, []),
        says("in a call, after a day", "list", {"call": call, "date_created_after": noon}, [sids[LAST]]),
        says("in a conference", "list", {"conference": conference}, [sids[IN_CONFERENCE]]),
        says("in a conference, of another day", "list", {"conference": conference, "date_created": noon}, []),
        says(
            "in a conference, after a day",
            "list",
            {"conference": conference, "date_created_after": noon},
            [sids[IN_CONFERENCE]],
        ),
        says("in a conference, before a day", "list", {"conference": conference, "date_created_before": noon}, []),
        Statement(
            about="all, two by two, below the longer base",
            deed="list",
            given={"page_size": 2},
            expected=newest_first,
            credentials=below_laml(filled),
        ),
        refuses("of what is no call", "list", {"call_sid": "nonsense"}, status=400, code=vendor.no_id),
        refuses("after what is no time", "list", {"date_created_after": "yesterday"}, status=400, code=vendor.no_id),
    ]


def below_laml(filled: Filled) -> dict[str, str]:
    """SignalWire's documented base, where its own clients leave ``/api/laml`` out and Twilio's then say it twice."""
    told = filled.credentials("signalwire")
    return {name: told[name] + "/api/laml" for name in ("twilio_base_url", "space_url")}


def one(filled: Filled, vendor: Vendor) -> list[Statement]:
    sids = filled.names("signalwire", f"{vendor.prefix}recording_sid")
    call = filled.names("signalwire", f"{vendor.prefix}call_sid")[LAST]
    conference = filled.names("signalwire", f"{vendor.prefix}conference_sid")[IN_CONFERENCE]
    credentials = filled.credentials("signalwire")
    account = credentials["account_sid" if vendor is TWILIO else "project_id"]
    wrong = {"auth_token": "no", "token": "no"}
    root = f"{vendor.root}/Accounts/{account}"
    last = {
        "sid": sids[LAST],
        "account_sid": account,
        "call_sid": call,
        "conference_sid": None,
        "api_version": "2010-04-01",
        "channels": 2,
        "duration": "1",
        "source": "Trunking",
        "status": "completed",
        "price": None,
        "error_code": None,
        "start_time": "2026-01-05T09:00:00.000Z",
        "date_created": filled.created(LAST)[:19] + ".000Z",
        "date_updated": True,
        "uri": f"{root}/Recordings/{sids[LAST]}.json",
    }
    leg = filled.names("signalwire", f"{vendor.prefix}call_sid")[IN_CONFERENCE]
    outer = f"Conferences/{conference}" if vendor is TWILIO else f"Calls/{leg}"
    within = {**last, "uri": f"{root}/Calls/{call}/Recordings/{sids[LAST]}.json"}
    by_key = Statement(
        about="one, with an API key",
        deed="get",
        given={"recording": sids[LAST]},
        expected=last,
        credentials={"by_key": "yes"},
    )
    return [
        says("one", "get", {"recording": sids[LAST]}, last if vendor is TWILIO else within),
        says("one of a call", "get", {"recording": sids[LAST], "call": call}, within),
        refuses("one of another call", "get", {"recording": sids[MONO], "call": call}, status=404, code=20404),
        refuses("one that is not there", "get", {"recording": vendor.unknown}, status=404, code=20404),
        refuses("a wrong token", "get", {"recording": sids[LAST]}, credentials=wrong, status=401, code=20003),
        *([by_key] if vendor is TWILIO else []),
        says(
            "one of a conference",
            "get",
            {"recording": sids[IN_CONFERENCE], "conference": conference},
            {
                **last,
                "sid": sids[IN_CONFERENCE],
                "call_sid": leg,
                "conference_sid": conference,
                "source": "Conference",
                "start_time": CARDS[IN_CONFERENCE]["started_at"],
                "date_created": filled.created(IN_CONFERENCE)[:19] + ".000Z",
                "uri": f"{root}/{outer}/Recordings/{sids[IN_CONFERENCE]}.json",
            },
        ),
    ]


def media(filled: Filled, vendor: Vendor) -> list[Statement]:
    urls = filled.names("signalwire", f"{vendor.prefix}media_url")
    own = [
        says(
            "where its audio is",
            "media_url",
            {"recording": filled.names("signalwire", "twilio_recording_sid")[LAST]},
            urls[LAST],
        )
    ]
    return [
        *(own if vendor is TWILIO else []),
        says("its audio", "fetch", {"url": urls[LAST]}, filled.exactly(LAST)),
        says("its WAV", "fetch", {"url": urls[LAST] + ".wav"}, filled.exactly(LAST)),
        says("its MP3", "fetch", {"url": urls[LAST] + ".mp3"}, filled.about(LAST)),
        says(
            "its MP3, mixed", "fetch", {"url": urls[LAST] + ".mp3?RequestedChannels=1"}, filled.about(LAST, channels=1)
        ),
        says("a WAV of one channel", "fetch", {"url": urls[MONO] + ".wav"}, filled.exactly(MONO)),
        says("two channels of one", "status", {"url": urls[MONO] + ".wav?RequestedChannels=2"}, 400),
        says("what is known of it, without credentials", "status", {"url": urls[LAST] + ".json"}, 401),
    ]


def transcriptions(filled: Filled, vendor: Vendor) -> list[Statement]:
    sids = filled.names("signalwire", f"{vendor.prefix}recording_sid")
    of_one = {"recording": sids[TRANSCRIBED]}
    text = [sids[TRANSCRIBED], "completed", "Two teas, please."]
    unknown = {"sid": vendor.unknown.replace("RE", "TR")}
    return [
        says("all transcriptions, one by one", "transcriptions", {"page_size": 1}, [text]),
        says("the transcriptions of one", "transcriptions", of_one, [text]),
        says("the transcriptions of another", "transcriptions", {"recording": sids[LAST]}, []),
        says("a transcription", "transcription", {}, text),
        says("a transcription of one", "transcription", of_one, text),
        refuses("a transcription that is not there", "transcription", unknown, status=404, code=20404),
        refuses("a transcription of what is not there", "transcription", {**of_one, **unknown}, status=404, code=20404),
        says("deleting a transcription", "delete_transcription", of_one, True),
        refuses("deleting a transcription that is not there", "delete_transcription", unknown, status=404, code=20404),
        says("no transcription is left", "transcriptions", {}, []),
        says("its recording stays", "list", {"date_created": filled.created(TRANSCRIBED)}, [sids[TRANSCRIBED]]),
    ]


def deletions(filled: Filled, vendor: Vendor) -> list[Statement]:
    sids = filled.names("signalwire", f"{vendor.prefix}recording_sid")
    call = filled.names("signalwire", f"{vendor.prefix}call_sid")[LAST]
    conference = filled.names("signalwire", f"{vendor.prefix}conference_sid")[IN_CONFERENCE]
    last, first = {"recording": sids[LAST]}, {"recording": sids[0]}
    with_deleted = says("with what was deleted", "list", {"include_soft_deleted": True}, sids[::-1])
    status = says("what a deleted one says of itself", "status_of_deleted", first, "deleted")
    return [
        says("deleting", "delete", first, True),
        refuses("what was deleted", "get", first, status=404, code=20404),
        refuses("deleting again", "delete", first, status=404, code=20404),
        says("what is left", "list", {}, sids[:0:-1]),
        says("deleting one of a call", "delete", {**last, "call": call}, True),
        says("what is left of the call", "list", {"call": call}, []),
        says(
            "deleting one of a conference", "delete", {"recording": sids[IN_CONFERENCE], "conference": conference}, True
        ),
        says("what is left of the conference", "list", {"conference": conference}, []),
        says("what is left in the end", "list", {}, sids[2:0:-1]),
        *([with_deleted, status] if vendor.deleted_listed else []),
    ]
