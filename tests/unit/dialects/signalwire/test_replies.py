"""What SignalWire's and Twilio's clients are shown: every field in both tongues, lists and their links, audio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from callvault.dialects.signalwire import replies
from callvault.dialects.signalwire.words import Vendor
from callvault.dialects.toolbox.pages import write_token
from callvault.model.media import MediaFormat
from callvault.model.query import Position, RecordingQuery
from callvault.model.recording import MediaState, Recording, Source, Status
from callvault.vault.commands import OpenedMedia
from callvault.wire import MediaSlice, WireReply
from tests.unit.dialects.signalwire.asking import BOTH, PROJECT, TWILIO, asking, named, said, sid
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TERMS, document, header, page, recording

ACCOUNTS = pytest.mark.parametrize("account", BOTH)
CONFERENCE = UUID("019ca884-2a00-7c0f-8551-000000000002")
RE = sid(vendor=Vendor.TWILIO)
CALL, CA, CF = str(TEA_ORDER.call_id), f"CA{TEA_ORDER.call_id.hex}", f"CF{CONFERENCE.hex}"
AC = f"AC{ALICE.id.hex}"
PAGING = {
    "end", "first_page_uri", "next_page_uri", "last_page_uri", "page", "page_size", "previous_page_uri", "total",
    "num_pages", "start", "uri",
}  # fmt: skip
"""The keys that the clients pass over when they look for a list's items (twilio 9.13, signalwire 2.1.1)."""


def shown(item: Recording, target: str, **how: Any) -> Any:
    return document(said(item, target, **how))


def listed(*items: Recording, target: str, more: bool = False) -> Any:
    query = RecordingQuery(account_id=ALICE.id)
    return document(said(page(*items, query=query, more=more), target))


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


# Lists


@ACCOUNTS
@pytest.mark.parametrize("target", ["Recordings.json", "Recordings.json?Page=1&PageSize=1&PageToken={}"])
def test_a_list_has_one_key_besides_its_paging(account: str, target: str) -> None:
    token = "PA" + write_token(place(TEA_ORDER))
    fields = listed(TEA_ORDER, target=f"{account}/{target.format(token)}", more=True)
    assert set(fields) - PAGING == {"recordings"}
    required = {"uri", "first_page_uri", "next_page_uri", "previous_page_uri", "page", "page_size", "recordings"}
    assert set(fields) - {"start", "end"} == required


def test_a_lists_elements_are_those_of_one() -> None:
    for account, scope in ((PROJECT, ""), (TWILIO, ""), (TWILIO, f"/Calls/{CA}"), (TWILIO, f"/Conferences/{CF}")):
        item = recording(conference_id=CONFERENCE)
        recording_sid = named(account).rpartition("/")[2]
        one = shown(item, f"{account}{scope}/Recordings/{recording_sid}.json")
        assert listed(item, target=f"{account}{scope}/Recordings.json")["recordings"] == [one]


def test_signalwires_list_is_json_without_saying_so_and_its_uris_have_no_ending() -> None:
    for ending in ("", ".json"):
        fields = listed(TEA_ORDER, target=f"{PROJECT}/Recordings{ending}?PageSize=1", more=True)
        assert fields["uri"] == f"{PROJECT}/Recordings?Page=0&PageSize=1"
        assert fields["first_page_uri"] == f"{PROJECT}/Recordings?Page=0&PageSize=1"
        token = "PA" + write_token(place(TEA_ORDER))
        assert fields["next_page_uri"] == f"{PROJECT}/Recordings?Page=1&PageSize=1&PageToken={token}"
        assert "start" not in fields


def test_twilios_list() -> None:
    fields = listed(TEA_ORDER, target=f"{TWILIO}/Recordings.json?CallSid={CA}")
    assert fields["uri"] == f"{TWILIO}/Recordings.json?CallSid={CA}&PageSize=50&Page=0"
    assert (fields["page"], fields["page_size"], fields["start"], fields["end"]) == (0, 50, 0, 0)
    assert (fields["next_page_uri"], fields["previous_page_uri"]) == (None, None)


def test_twilio_counts_where_a_page_begins_and_ends() -> None:
    def ends(*items: Recording) -> tuple[int, int]:
        fields = listed(*items, target=f"{TWILIO}/Recordings.json?PageSize=10&Page=2")
        return fields["start"], fields["end"]

    assert ends(TEA_ORDER, TEA_ORDER, TEA_ORDER) == (20, 22)
    assert ends() == (20, 20)


def test_twilios_list_in_xml() -> None:
    query = RecordingQuery(account_id=ALICE.id)
    reply = said(page(TEA_ORDER, TEA_ORDER, query=query, more=True), f"{TWILIO}/Recordings?PageSize=2")
    assert isinstance(reply.body, bytes)
    (recordings,) = ET.fromstring(reply.body)
    assert recordings.tag == "Recordings"
    assert recordings.attrib["pagesize"] == "2"
    assert recordings.attrib["nextpageuri"].startswith(f"{TWILIO}/Recordings?PageSize=2&Page=1&PageToken=PA")
    assert [found.findtext("Sid") for found in recordings] == [RE, RE]


def test_the_filters_stay_in_every_link() -> None:
    asked = f"{PROJECT}/Recordings?DateCreated%3E=2026-03-01T00:00:00Z&CallSid={CALL}&Page=0&PageSize=1"
    fields = listed(TEA_ORDER, target=asked, more=True)
    for link in ("uri", "first_page_uri", "next_page_uri"):
        assert f"?DateCreated%3E=2026-03-01T00%3A00%3A00Z&CallSid={CALL}&Page=" in fields[link]


def place(item: Recording) -> Position:
    return Position(at=item.created_at, id=item.id)


THREE = [
    recording(id=UUID(int=TEA_ORDER.id.int + number), created_at=TEA_ORDER.created_at - timedelta(seconds=number))
    for number in range(3)
]
"""Newest first."""


@ACCOUNTS
def test_a_page_that_was_read_towards_the_front_is_turned_round(account: str) -> None:
    token = "PB" + write_token(place(THREE[2]))
    fields = listed(THREE[1], THREE[0], target=f"{account}/Recordings.json?Page=1&PageSize=2&PageToken={token}")
    created = [item["date_created"] for item in fields["recordings"]]
    assert created == ["Sun, 01 Mar 2026 09:01:05 +0000", "Sun, 01 Mar 2026 09:01:04 +0000"]
    assert "Page=2" in fields["next_page_uri"]
    assert f"PageToken=PA{write_token(place(THREE[1]))}" in fields["next_page_uri"]


@ACCOUNTS
@pytest.mark.parametrize(
    ("side", "number", "more", "next_", "previous"),
    [
        ("PA", 1, True, True, True),
        ("PA", 1, False, False, True),
        ("PB", 1, True, True, True),
        ("PB", 1, False, True, False),
        ("PB", 0, True, True, False),
    ],
)
def test_links_are_there_where_a_page_is(
    account: str, side: str, number: int, more: bool, next_: bool, previous: bool
) -> None:
    token = side + write_token(place(TEA_ORDER))
    fields = listed(TEA_ORDER, target=f"{account}/Recordings.json?Page={number}&PageToken={token}", more=more)
    assert (fields["next_page_uri"] is not None, fields["previous_page_uri"] is not None) == (next_, previous)
    assert token in fields["uri"]


@ACCOUNTS
def test_an_empty_page_leads_nowhere(account: str) -> None:
    for side in ("PA", "PB"):
        token = side + write_token(place(TEA_ORDER))
        fields = listed(target=f"{account}/Recordings.json?Page=1&PageToken={token}")
        assert (fields["recordings"], fields["next_page_uri"], fields["previous_page_uri"]) == ([], None, None)


# Audio


class Silence:
    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        yield bytes((stop or 0) - start)


def media(form: MediaFormat = MediaFormat.WAV) -> OpenedMedia:
    return OpenedMedia(
        recording=TEA_ORDER,
        format=form,
        channels=2,
        size_bytes=1000,
        etag="abc",
        modified_at=TEA_ORDER.taken_in_at,
        source=Silence(),
    )


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
    reply = said(media(form), named(account) + ending)
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
    disposition = header(said(media(), f"{named(account)}.wav{parameter}"), "content-disposition")
    assert disposition is not None
    assert disposition.startswith(f"{kind}; filename=")


def test_a_stretch_of_it() -> None:
    reply = said(media(), named(PROJECT), headers={"range": "bytes=10-19"}, anonymous=True)
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
