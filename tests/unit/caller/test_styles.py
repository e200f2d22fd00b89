"""Every style phrases the same call in its vendor's way, and always with the same octets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from callvault.caller.styles.registry import STYLES, style_named
from callvault.caller.styles.scene import Content
from callvault.errors import BadRequest
from tests.unit.caller.golden_scenes import DIALOGUE, FOLDER, SCENE, held, opening, requests, whole

ALL = pytest.mark.parametrize("name", STYLES)


def documents(request: bytes) -> list[bytes]:
    """Metadata anywhere in a request."""
    return re.findall(rb"<\?xml.*?</(?:tns:)?recording(?:_metadata)?>\s", request, re.DOTALL)


def head(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@ALL
def test_a_style_sends_what_the_golden_files_hold(name: str) -> None:
    made = dict(requests(STYLES[name]))
    assert {path.stem: path.read_bytes() for path in (FOLDER / name).glob("*.sip")} == made


@ALL
def test_a_style_is_in_the_documentation(name: str) -> None:
    page = (FOLDER.parents[3] / "docs" / "calling.md").read_text(encoding="utf-8")
    assert f"| `{name}` | {STYLES[name].about} |" in page


def test_there_is_a_folder_for_each_style() -> None:
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == set(STYLES)


def every_request() -> Iterator[tuple[str, bytes]]:
    for name, style in STYLES.items():
        for request, octets in requests(style):
            yield f"{name}-{request}", octets


@pytest.mark.parametrize("request_", [pytest.param(octets, id=name) for name, octets in every_request()])
def test_lengths_and_boundaries_hold_and_metadata_is_xml(request_: bytes) -> None:
    body = request_.partition(b"\r\n\r\n")[2]
    said = head(request_)
    assert int(said["Content-Length"]) == len(body)
    kind, _, boundary = said.get("Content-Type", "").partition(";boundary=")
    if kind == "multipart/mixed":
        assert body.count(b"--" + boundary.encode()) == 3
        assert body.rstrip().endswith(b"--" + boundary.encode() + b"--")
        assert len(documents(request_)) == 1
    for document in documents(request_):
        ET.fromstring(document)


@ALL
def test_each_later_request_counts_on_from_the_first(name: str) -> None:
    style = STYLES[name]
    numbers = [int(head(octets)["CSeq"].split()[0]) for request, octets in requests(style) if request != "ack"]
    assert numbers[0] == style.first_cseq
    assert {right - left for left, right in pairwise(sorted(set(numbers)))} <= {1}


@ALL
def test_audio_is_never_asked_for(name: str) -> None:
    """Metaswitch says nothing about the direction at all."""
    style = STYLES[name]
    described = style.describe(opening(style))
    assert "a=recvonly" not in described
    assert "a=sendrecv" not in described
    assert ("a=sendonly" in described) is (name != "metaswitch")


def test_opensips_turns_the_lines_round_and_never_counts_its_versions() -> None:
    style = STYLES["opensips"]
    for scene in (SCENE, held(SCENE)):
        described = style.describe(scene)
        assert re.findall("a=label:(.*)\r", described) == ["1", "0"]
        assert described.split("\r\n")[1].split()[2] == "0"
    assert re.findall("<label>(.*)</label>", style.metadata(SCENE)) == ["0", "1"]


def test_broadworks_holds_by_address_without_a_word_about_the_direction() -> None:
    described = STYLES["broadworks"].describe(held(SCENE))
    assert "c=IN IP4 0.0.0.0" in described
    assert "a=sendonly" not in described
    assert "a=inactive" not in described


def test_webex_has_labels_in_its_metadata_that_the_description_has_not() -> None:
    style = STYLES["webex"]
    said = set(re.findall("<label>(.*?)</label>", style.metadata(SCENE)))
    assert said.isdisjoint(re.findall("a=label:(.*)\r", style.describe(SCENE)))


def test_cube_says_a_stream_where_a_party_should_be() -> None:
    document = ET.fromstring(documents(dict(requests(STYLES["cube"]))["invite"])[0])
    space = {"r": "urn:ietf:params:xml:ns:recording:1"}
    streams = {element.get("stream_id") for element in document.findall("r:stream", space)}
    said = document.findall("r:participantstreamassoc", space)
    assert [element.get("participant_id") in streams for element in said] == [False, True]


def test_avaya_names_a_dummy_until_the_update() -> None:
    made = dict(requests(STYLES["avaya"]))
    assert b"ASBCE@asbce.com" in made["invite"]
    assert b"ASBCE@asbce.com" not in made["update"]
    assert head(made["update"])["Content-Type"] == "application/rs-metadata+xml"
    assert b"v=0" not in made["update"]


def test_oracle_brings_the_second_party_later() -> None:
    made = dict(requests(STYLES["oracle"]))
    assert [made[name].count(b"m=audio") for name in ("invite", "second")] == [1, 2]
    assert [made[name].count(b"<participant ") for name in ("invite", "second")] == [1, 2]


def test_an_ipv6_host_is_in_brackets_in_uris_and_bare_in_the_description() -> None:
    scene = replace(SCENE, signalling_host="2001:db8::10", media_host="2001:db8::20")
    for style in STYLES.values():
        request = style.request(Content.BOTH, scene, DIALOGUE).decode()
        assert "[2001:db8::10]:5060;" in request
        assert "c=IN IP6 2001:db8::20\r\n" in request


def test_one_who_left_is_said_to_have_left_or_is_not_named() -> None:
    for style in STYLES.values():
        if style.has_metadata:
            after = dict(requests(style))["transfer"]
            assert b"disassociate-time>" in after or after.count(b"<participant ") == 2, style.name


def test_whole_scenes_have_both_parties() -> None:
    assert all(len(whole(style).people) == 2 for style in STYLES.values())


def test_a_style_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(BadRequest, match="no style 'asterisk'; there are rfc7865, opensips"):
        style_named("asterisk")
