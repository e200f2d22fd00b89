"""Lists as SignalWire's and Twilio's clients are shown them: their elements, their paging and its links."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from callvault.dialects.signalwire.words import Vendor
from callvault.dialects.toolbox.pages import write_token
from callvault.model.query import Position, RecordingQuery
from callvault.model.recording import Recording
from tests.unit.dialects.signalwire.asking import (
    ACCOUNTS,
    CONFERENCE,
    OUTER,
    PROJECT,
    TWILIO,
    named,
    said,
    shown,
    sid,
)
from tests.unit.dialects.visits import ALICE, TEA_ORDER, document, page, recording

RE = sid(vendor=Vendor.TWILIO)
CALL, CA, CF = OUTER[PROJECT]["Calls"], OUTER[TWILIO]["Calls"], OUTER[TWILIO]["Conferences"]
PAGING = {
    "end", "first_page_uri", "next_page_uri", "last_page_uri", "page", "page_size", "previous_page_uri", "total",
    "num_pages", "start", "uri",
}  # fmt: skip
"""The keys that the clients pass over when they look for a list's items (twilio 9.13, signalwire 2.1.1)."""


def listed(*items: Recording, target: str, more: bool = False) -> Any:
    query = RecordingQuery(account_id=ALICE.id)
    return document(said(page(*items, query=query, more=more), target))


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
