"""SignalWire's and Twilio's ids round-trip, and whatever a caller writes, the answer can be read."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from uuid import UUID
from xml.etree import ElementTree as ET

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.dialects.signalwire import pages, requests, words
from callvault.dialects.signalwire.errors import refuse
from callvault.dialects.signalwire.words import Vendor
from callvault.dialects.signalwire.xml import xml_list_reply, xml_reply
from callvault.dialects.toolbox.times import rfc2822
from callvault.errors import BadRequest, CallvaultError, NotFound
from callvault.model.ids import new_id
from callvault.model.query import ALWAYS, Position
from callvault.vault.commands import Ref
from callvault.wire import WireReply, WireRequest
from tests.unit.dialects.signalwire.asking import PROJECT, TWILIO, asking
from tests.unit.dialects.visits import TERMS, every_error, recording

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

moments = st.integers(0, 1 << 47).map(lambda milliseconds: EPOCH + timedelta(milliseconds=milliseconds))
core_ids = st.builds(new_id, moments, st.binary(min_size=10, max_size=10))
vendors = st.sampled_from(Vendor)
words_of_any_kind = st.text(st.characters(exclude_categories=[]))


def body(reply: WireReply) -> str:
    assert isinstance(reply.body, bytes)
    return reply.body.decode()


@given(core_ids, vendors, st.binary(min_size=16, max_size=64))
def test_a_recordings_id_is_read_back(core_id: UUID, vendor: Vendor, key: bytes) -> None:
    sid = words.recording_sid(recording(id=core_id), vendor, key)
    ref = words.recording_ref(sid, vendor, key)
    assert (ref.text, ref.computed) == (sid, core_id)
    assert core_id.hex[:12] != sid.replace("-", "").removeprefix("RE")[:12] or core_id.int >> 80 == 0


@given(st.uuids(), vendors, st.sampled_from(sorted(words.LETTERS)))
def test_every_other_id_is_read_back(core_id: UUID, vendor: Vendor, noun: str) -> None:
    assert words.read_sid(words.write_sid(core_id, noun, vendor), noun, vendor) == core_id


@given(st.text(), vendors, st.sampled_from(["call", "conference", "recording"]))
def test_any_text_is_an_id_or_nobodys(text: str, vendor: Vendor, noun: str) -> None:
    def ref() -> Ref:
        if noun == "recording":
            return words.recording_ref(text, vendor, TERMS.cloak_key)
        return words.outer_ref(text, noun, vendor)

    if words.read_sid(text, noun, vendor) is None:
        with pytest.raises(NotFound):
            ref()
    else:
        assert ref().text == text


@given(words_of_any_kind, st.sampled_from([PROJECT, TWILIO, ""]), st.sampled_from(every_error()))
def test_every_refusal_can_be_read_whatever_the_path_holds(path: str, account: str, error: CallvaultError) -> None:
    reply = refuse(error, WireRequest(method="GET", path=f"{account}/{path}"), TERMS)
    document = body(reply)
    if dict(reply.headers)["content-type"].startswith("application/xml"):
        assert ET.fromstring(document).findtext("RestException/Status") == str(reply.status)
    else:
        assert orjson.loads(document)["status"] == reply.status


@given(words_of_any_kind)
def test_any_text_makes_xml_that_can_be_read(text: str) -> None:
    for reply in (xml_reply("thing", {"words": text}), xml_list_reply("things", [], {"words": text})):
        ET.fromstring(body(reply))


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_text_that_xml_can_hold_arrives_as_it_was(text: str) -> None:
    root = ET.fromstring(body(xml_reply("thing", {"words": text})))
    assert (root.findtext("Thing/Words") or "") == text


@given(moments, st.sampled_from([PROJECT, TWILIO]))
def test_the_times_that_are_written_are_read_back(moment: datetime, account: str) -> None:
    shown = rfc2822(moment).replace("+", "%2B")
    for text in (shown, shown.replace(" ", "+"), f"{moment:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0")):
        asked = asking(f"{account}/Recordings.json?DateCreated%3E={text}")
        assert requests.list_of_account(asked).query.created.from_ == moment.replace(microsecond=0)


@given(words_of_any_kind)
def test_any_text_is_a_time_or_a_bad_request(text: str) -> None:
    visit = asking(f"{PROJECT}/Recordings")
    for key in ("DateCreated", "DateCreated<", "DateCreated>"):
        asked = replace(visit, request=replace(visit.request, query=((key, text),)))
        with suppress(BadRequest):
            assert requests.list_of_account(asked).query.created != ALWAYS


@given(moments, core_ids, st.sampled_from([PROJECT, TWILIO]), st.integers(0, 9), st.integers(1, 1000))
def test_the_links_of_a_page_lead_to_its_neighbours(
    moment: datetime, core_id: UUID, account: str, number: int, size: int
) -> None:
    place = Position(at=moment, id=core_id)
    asked = pages.Asked(number=number, size=size)
    request = asking(f"{account}/Recordings.json?CallSid=a%26b").request
    links = pages.paging(request, asked, [place], lambda there: there, more=True)
    following = asking(links["next_page_uri"]).request
    assert dict(following.query)["CallSid"] == "a&b"
    assert pages.asked(following) == pages.Asked(number=number + 1, size=size, place=place)
    if number:
        before = pages.asked(asking(links["previous_page_uri"]).request)
        assert before == pages.Asked(number=number - 1, size=size, place=place, backwards=True)
    else:
        assert links["previous_page_uri"] is None
    assert parse_qsl(links["first_page_uri"].partition("?")[2])[0] == ("CallSid", "a&b")
