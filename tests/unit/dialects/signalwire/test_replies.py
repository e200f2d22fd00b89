"""What SignalWire's and Twilio's clients are shown of a recording: every field in both tongues, audio, names."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from callvault.dialects.signalwire import replies
from callvault.dialects.signalwire.words import Vendor
from callvault.model.media import MediaFormat
from callvault.model.recording import MediaState, Source, Status
from callvault.wire import MediaSlice, WireReply
from tests.unit.dialects.signalwire.asking import (
    ACCOUNTS,
    BOTH,
    CONFERENCE,
    OUTER,
    PROJECT,
    TWILIO,
    asking,
    named,
    said,
    shown,
    sid,
)
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TERMS, header, opened, recording

RE = sid(vendor=Vendor.TWILIO)
CALL, CA, CF = OUTER[PROJECT]["Calls"], OUTER[TWILIO]["Calls"], OUTER[TWILIO]["Conferences"]
AC = f"AC{ALICE.id.hex}"


# One recording


def test_every_field_of_signalwires() -> None:
    assert shown(recording(price="-0.0025", price_unit="USD"), f"{named(PROJECT)}.json") == {
        "account_sid": "019cad00-0000-7000-8000-00000000a11c",
        "api_version": "2010-04-01",
        "call_sid": CALL,
        "conference_sid": None,
        "channels": 2,
        "date_created": "Sun, 01 Mar 2026 09:01:05 +0000",
        "date_updated": "Sun, 01 Mar 2026 09:01:06 +0000",
        "start_time": "Sun, 01 Mar 2026 09:00:02 +0000",
        "end_time": "Sun, 01 Mar 2026 09:01:03 +0000",
        "price": "-0.0025",
        "price_unit": "USD",
        "duration": "61",
        "sid": sid(),
        "source": "StartCallRecordingApi",
        "status": "completed",
        "error_code": None,
        "uri": f"{PROJECT}/Calls/{CALL}/Recordings/{sid()}.json",
        "subresource_uris": {"transcriptions": f"{PROJECT}/Recordings/{sid()}/Transcriptions.json"},
    }


def test_every_field_of_twilios() -> None:
    assert shown(recording(price="-0.0025", price_unit="USD"), f"{named(TWILIO)}.json") == {
        "account_sid": AC,
        "api_version": "2010-04-01",
        "call_sid": CA,
        "conference_sid": None,
        "channels": 2,
        "date_created": "Sun, 01 Mar 2026 09:01:05 +0000",
        "date_updated": "Sun, 01 Mar 2026 09:01:06 +0000",
        "start_time": "Sun, 01 Mar 2026 09:00:02 +0000",
        "price": "-0.0025",
        "price_unit": "USD",
        "duration": "61",
        "sid": RE,
        "source": "StartCallRecordingAPI",
        "status": "completed",
        "error_code": None,
        "encryption_details": None,
        "uri": f"{TWILIO}/Recordings/{RE}.json",
        "subresource_uris": {
            "add_on_results": f"{TWILIO}/Recordings/{RE}/AddOnResults.json",
            "transcriptions": f"{TWILIO}/Recordings/{RE}/Transcriptions.json",
        },
        "media_url": f"https://vault.example.net{TWILIO}/Recordings/{RE}",
    }


@pytest.mark.parametrize("prefix", ["/api/laml/2010-04-01", "/2010-04-01"])
@ACCOUNTS
def test_uris_begin_as_the_request_did(account: str, prefix: str) -> None:
    here = account[account.index("/Accounts") :]
    fields = shown(TEA_ORDER, f"{prefix}{here}/Recordings/{named(account).rpartition('/')[2]}.json")
    assert fields["uri"].startswith(f"{prefix}{here}/")
    assert fields["subresource_uris"]["transcriptions"].startswith(f"{prefix}{here}/Recordings/")


def test_a_base_that_is_doubled_is_named_once() -> None:
    fields = shown(TEA_ORDER, f"/api/laml{PROJECT}/Recordings/{sid()}.json")
    assert fields["uri"].startswith(f"{PROJECT}/Calls/")


def test_twilios_variants_by_where_it_was_asked_for() -> None:
    in_conference = recording(conference_id=CONFERENCE, source=Source.CONFERENCE)
    own = shown(in_conference, f"{TWILIO}/Recordings/{RE}.json")
    in_call = shown(in_conference, f"{TWILIO}/Calls/{CA}/Recordings/{RE}.json")
    inside = shown(in_conference, f"{TWILIO}/Conferences/{CF}/Recordings/{RE}.json")
    assert set(own) - set(inside) == {"subresource_uris", "media_url"}
    assert set(in_call) - set(inside) == {"track"}
    assert in_call["track"] == "both"
    assert in_call["uri"] == f"{TWILIO}/Calls/{CA}/Recordings/{RE}.json"
    assert inside["uri"] == f"{TWILIO}/Conferences/{CF}/Recordings/{RE}.json"
    for fields in (own, in_call, inside):
        assert (fields["call_sid"], fields["conference_sid"]) == (CA, CF)


def test_signalwires_conference_recording_has_no_call() -> None:
    fields = shown(recording(conference_id=CONFERENCE, source=Source.CONFERENCE), f"{named(PROJECT)}.json")
    assert (fields["call_sid"], fields["conference_sid"]) == (None, str(CONFERENCE))
    assert fields["uri"] == f"{PROJECT}/Conferences/{CONFERENCE}/Recordings/{sid()}.json"


def test_a_call_within_a_conference_has_both() -> None:
    fields = shown(recording(conference_id=CONFERENCE), f"{named(PROJECT)}.json")
    assert (fields["call_sid"], fields["conference_sid"]) == (CALL, str(CONFERENCE))
    assert fields["uri"] == f"{PROJECT}/Calls/{CALL}/Recordings/{sid()}.json"


def test_a_conference_that_is_not_known_by_an_id() -> None:
    fields = shown(recording(source=Source.CONFERENCE), f"{named(PROJECT)}.json")
    assert (fields["call_sid"], fields["conference_sid"]) == (None, None)
    assert fields["uri"] == f"{PROJECT}/Calls/{CALL}/Recordings/{sid()}.json"


def test_what_is_still_recorded() -> None:
    live = recording(status=Status.CAPTURING, media_state=MediaState.AWAITED, ended_at=None, duration_ms=0)
    project, twilio = shown(live, f"{named(PROJECT)}.json"), shown(live, f"{named(TWILIO)}.json")
    assert (project["status"], project["end_time"], project["duration"]) == ("in-progress", None, "0")
    assert (project["price"], project["price_unit"]) == (None, "USD")
    assert (twilio["status"], twilio["duration"], twilio["price"], twilio["price_unit"]) == (
        ("in-progress", None, None, None)
    )


def test_what_failed_says_why_in_each_vendors_type() -> None:
    def code(error: str | None, account: str) -> Any:
        failed = recording(status=Status.FAILED, media_state=MediaState.ABSENT, error=error)
        return shown(failed, f"{named(account)}.json")["error_code"]

    assert (code("no audio came", PROJECT), code("no audio came", TWILIO)) == ("no audio came", None)
    assert (code("16101", PROJECT), code("16101", TWILIO)) == ("16101", 16101)
    assert (code(None, PROJECT), code(None, TWILIO)) == (None, None)


@pytest.mark.parametrize(
    ("changes", "there"),
    [
        ({}, True),
        ({"status": Status.CAPTURING, "media_state": MediaState.AWAITED}, True),
        ({"media_state": MediaState.ABSENT}, False),
        ({"media_state": MediaState.DELETED}, False),
        ({"status": Status.DELETED, "media_state": MediaState.ABSENT}, False),
    ],
)
def test_audio_that_will_never_be_there_has_no_url(changes: dict[str, Any], there: bool) -> None:
    assert (shown(recording(**changes), f"{named(TWILIO)}.json")["media_url"] is not None) is there


def test_the_setting_for_the_finished_word() -> None:
    stopped = {"signalwire_finished_status": "stopped"}
    assert shown(TEA_ORDER, f"{named(PROJECT)}.json", settings=stopped)["status"] == "stopped"
    assert shown(TEA_ORDER, f"{named(TWILIO)}.json", settings=stopped)["status"] == "completed"


def test_what_only_twilio_has_a_word_for_survives_import_and_export() -> None:
    details = {"type": "rsa-aes", "encryption_iv": "made up"}
    item = recording(extras={"signalwire": {"track": "inbound", "encryption_details": details}})
    assert shown(item, f"{TWILIO}/Calls/{CA}/Recordings/{RE}.json")["track"] == "inbound"
    assert shown(item, f"{named(TWILIO)}.json")["encryption_details"] == details


def test_twilio_in_xml() -> None:
    reply = said(TEA_ORDER, f"{named(TWILIO)}.xml")
    assert header(reply, "content-type") == "application/xml; charset=utf-8"
    assert isinstance(reply.body, bytes)
    found = ET.fromstring(reply.body)
    assert found.tag == "TwilioResponse"
    assert found.findtext("Recording/Sid") == RE
    assert found.findtext("Recording/DateCreated") == "Sun, 01 Mar 2026 09:01:05 +0000"
    assert found.findtext("Recording/Price") == ""
    assert found.findtext("Recording/SubresourceUris/Transcriptions") == f"{TWILIO}/Recordings/{RE}/Transcriptions.json"


def test_deleted_is_204_and_empty() -> None:
    for account in BOTH:
        assert said(TEA_ORDER, named(account), method="DELETE") == WireReply(status=204)


# Audio


@ACCOUNTS
@pytest.mark.parametrize(
    ("ending", "form", "content_type"),
    [
        ("", MediaFormat.WAV, "audio/x-wav"),
        (".wav", MediaFormat.WAV, "audio/x-wav"),
        (".mp3", MediaFormat.MP3, "audio/mpeg"),
    ],
)
def test_audio_has_its_type_its_name_and_its_length(
    account: str, ending: str, form: MediaFormat, content_type: str
) -> None:
    reply = said(opened(form), named(account) + ending)
    assert reply.status == 200
    assert header(reply, "content-type") == content_type
    name = f"{named(account).rpartition('/')[2]}.{form}"
    assert header(reply, "content-disposition") == f'inline; filename="{name}"'
    assert isinstance(reply.body, MediaSlice)
    assert (reply.body.start, reply.body.stop) == (0, 1000)


@ACCOUNTS
@pytest.mark.parametrize(
    ("parameter", "kind"),
    [
        ("", "inline"),
        ("?Download=true", "attachment"),
        ("?Download=1", "attachment"),
        ("?Download", "attachment"),
        ("?Download=false", "inline"),
        ("?Download=0", "inline"),
    ],
)
def test_download_makes_it_a_file_to_keep(account: str, parameter: str, kind: str) -> None:
    disposition = header(said(opened(), f"{named(account)}.wav{parameter}"), "content-disposition")
    assert disposition is not None
    assert disposition.startswith(f"{kind}; filename=")


def test_a_stretch_of_it() -> None:
    reply = said(opened(), named(PROJECT), headers={"range": "bytes=10-19"}, anonymous=True)
    assert (reply.status, header(reply, "content-range")) == (206, "bytes 10-19/1000")


# Names


def test_what_both_vendors_clients_call_it() -> None:
    assert replies.names(recording(conference_id=CONFERENCE), ALICE, TERMS) == {
        "recording_sid": sid(),
        "call_sid": CALL,
        "conference_sid": str(CONFERENCE),
        "url": f"https://vault.example.net{PROJECT}/Recordings/{sid()}.json",
        "media_url": f"https://vault.example.net{PROJECT}/Recordings/{sid()}",
        "twilio_recording_sid": RE,
        "twilio_call_sid": CA,
        "twilio_conference_sid": CF,
        "twilio_url": f"https://vault.example.net{TWILIO}/Recordings/{RE}.json",
        "twilio_media_url": f"https://vault.example.net{TWILIO}/Recordings/{RE}",
    }
    assert "conference_sid" not in replies.names(TEA_ORDER, ALICE, TERMS)


def test_the_urls_lead_to_the_recording() -> None:
    for name, url in replies.names(TEA_ORDER, ALICE, TERMS).items():
        if name.endswith("url"):
            assert asking(url.removeprefix(TERMS.base_url)).request.parts["recording"]
