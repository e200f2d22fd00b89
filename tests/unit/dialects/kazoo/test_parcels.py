"""Where finished files go: the URL that Kazoo's receivers know, ours among them."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest

from callvault.dialects.kazoo import words
from callvault.dialects.kazoo.parcels import ORDER, push_address, read_back_address
from callvault.dialects.kazoo.pushes import read_push
from callvault.model.media import MediaFormat
from callvault.model.wish import Push
from callvault.wire import WireRequest
from tests.unit.dialects.kazoo.asking import ADA
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TERMS

FILE = "call_recording_a84b4c76e66710@pbx.example.net.wav"
QUOTED = FILE.replace("@", "%40")
OWNED = replace(TEA_ORDER, user_id=UUID(hex=ADA))


def url_of(url: str) -> str:
    return push_address(TEA_ORDER, Push(url=url), TERMS).url


@pytest.mark.parametrize(
    ("url", "until"),
    [
        ("https://keep.example.org/calls", f"https://keep.example.org/calls/{FILE}?from="),
        ("https://keep.example.org/calls/", f"https://keep.example.org/calls/{FILE}?from="),
        ("https://keep.example.org", f"https://keep.example.org/{FILE}?from="),
        ("https://keep.example.org/calls#here", f"https://keep.example.org/calls/{FILE}?from="),
        ("https://keep.example.org/?a=b&file=", f"https://keep.example.org/?a=b&file={QUOTED}&from="),
        ("https://keep.example.org/?a=b&file", f"https://keep.example.org/?a=b&file={QUOTED}&from="),
        ("https://keep.example.org/?a=b", f"https://keep.example.org/?a=b&recording={QUOTED}&from="),
        ("https://keep.example.org/?", f"https://keep.example.org/?recording={QUOTED}&from="),
    ],
)
def test_where_the_file_stands(url: str, until: str) -> None:
    assert url_of(url).startswith(until)


def test_what_is_told_of_it_in_the_order_of_4_3() -> None:
    address = push_address(OWNED, Push(url="https://keep.example.org/calls"), TERMS)
    told = parse_qsl(urlsplit(address.url).query, keep_blank_values=True)
    assert [name for name, _ in told] == list(ORDER)
    assert dict(told) == {
        "from": "+15550100@vault.example.net",
        "to": "+15550199@vault.example.net",
        "caller_id_name": "",
        "caller_id_number": "+15550100",
        "call_id": "a84b4c76e66710@pbx.example.net",
        "cdr_id": "202603-a84b4c76e66710@pbx.example.net",
        "interaction_id": words.interaction_id(OWNED),
        "owner_id": ADA,
        "account_id": ALICE.id.hex,
        "start": "63939574802",
        "duration_ms": "61240",
        "recording_id": words.recording_id(OWNED),
    }
    assert (address.content_type, address.form) == ("audio/x-wav", MediaFormat.WAV)


@pytest.mark.parametrize(
    ("form", "extension", "content_type"),
    [(MediaFormat.MP3, "mp3", "audio/mpeg"), (MediaFormat.OGG, "wav", "audio/x-wav")],
)
def test_as_what_it_goes(form: MediaFormat, extension: str, content_type: str) -> None:
    address = push_address(replace(TEA_ORDER, format=form), Push(url="https://keep.example.org/calls"), TERMS)
    assert urlsplit(address.url).path.endswith(f".net.{extension}")
    assert (address.content_type, address.form) == (content_type, words.SERVED[form])


def test_who_reads_it_back_says_more() -> None:
    push = Push(url="https://keep.example.org/calls")
    sent, back = push_address(OWNED, push, TERMS), read_back_address(OWNED, push, TERMS)
    assert back.url.startswith(sent.url + "&")
    more = dict(parse_qsl(urlsplit(back.url).query.removeprefix(urlsplit(sent.url).query)))
    assert (more["id"], more["direction"], more["duration"]) == (words.recording_id(OWNED), "inbound", "61")
    assert (back.form, back.content_type) == (sent.form, sent.content_type)


@pytest.mark.parametrize("url", ["https://keep.example.org/push", "https://keep.example.org/push?file="])
@pytest.mark.parametrize("address_of", [push_address, read_back_address])
def test_our_own_receiver_finds_it(url: str, address_of: object) -> None:
    assert callable(address_of)
    parts = urlsplit(address_of(OWNED, Push(url=url), TERMS).url)
    file = parts.path.rpartition("/")[2] if parts.path.endswith(".wav") else ""
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    push = read_push(WireRequest(method="PUT", path=parts.path, parts={"file": file} if file else {}, query=query))
    assert (push.file, push.call_id, push.name) == (FILE, OWNED.sip_call_id, words.recording_id(OWNED))
    assert push.said["duration_ms"] == "61240"
