"""Descriptions are read as clients write them, and written out with all that was not understood."""

from __future__ import annotations

import pytest

from callvault.errors import ProtocolError
from callvault.protocols.sdp.attributes import (
    Address,
    Direction,
    Source,
    address_of,
    direction_of,
    label_of,
    packet_ms_of,
    rtcp_place_of,
    shares_rtcp,
    source_of,
)
from callvault.protocols.sdp.description import Description
from callvault.protocols.sdp.payloads import payloads_of, recorded
from callvault.protocols.spool.journal import Payload
from tests.unit.protocols.sdp.descriptions import HEAD, described, one
from tests.unit.protocols.siprec.clients import OFFERS, sent


@pytest.mark.parametrize(("client", "name"), OFFERS)
def test_a_clients_description_comes_out_as_it_went_in(client: str, name: str) -> None:
    data = sent(client, name).part("application/sdp")
    lines = [line.rstrip() for line in data.decode().split("\r\n") if line.strip()]
    assert Description.parse(data).write().decode().split("\r\n")[:-1] == lines


def test_any_line_end_serves() -> None:
    text = HEAD + "m=audio 40000 RTP/AVP 0\r\na=label:1\r\n"
    for end in ("\n", "\r"):
        assert Description.parse(text.replace("\r\n", end).encode()) == Description.parse(text.encode())


def test_what_is_no_utf_8_is_read_all_the_same() -> None:
    assert described("m=audio 1 RTP/AVP 0").section.first("s") == "-"
    assert Description.parse(b"v=0\r\ns=Gespr\xe4ch\r\n").section.first("s") == "Gespräch"


@pytest.mark.parametrize(
    "line", ["audio", "audio x RTP/AVP 0", "audio 65536 RTP/AVP 0", "audio 4000", "", "audio -1 RTP/AVP 0"]
)
def test_a_media_line_that_cannot_be_answered_is_refused(line: str) -> None:
    with pytest.raises(ProtocolError):
        described(f"m={line}")


@pytest.mark.parametrize("data", [b"", b"<recording/>", b"\x00\x01", b"==\r\n"])
def test_what_is_no_description_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        Description.parse(data)


def test_more_media_lines_than_any_call_has_are_refused() -> None:
    assert len(described(*["m=audio 1 RTP/AVP 0"] * 64).media) == 64
    with pytest.raises(ProtocolError):
        described(*["m=audio 1 RTP/AVP 0"] * 65)


def test_a_media_line_has_the_sessions_address_unless_it_has_its_own() -> None:
    description = described("m=audio 1 RTP/AVP 0", "m=audio 2 RTP/AVP 0", "c=IN IP6 2001:db8::1")
    first, second = description.media
    assert address_of(description, first) == Address(version=4, host="192.0.2.1")
    assert address_of(description, second) == Address(version=6, host="2001:db8::1")
    assert address_of(described("m=audio 1 RTP/AVP 0", head="v=0\r\n"), first) is None


def test_the_address_of_nobody_is_known() -> None:
    for line, version in (("c=IN IP4 0.0.0.0", 4), ("c=IN IP6 ::", 6)):
        description = one(line)
        place = address_of(description, description.media[0])
        assert place is not None
        assert (place.version, place.unspecified) == (version, True)


@pytest.mark.parametrize("direction", Direction)
def test_a_direction_is_the_media_lines_own_or_the_sessions(direction: Direction) -> None:
    line = one(f"a={direction}")
    assert direction_of(line, line.media[0]) is direction
    session = described("m=audio 1 RTP/AVP 0", "a=label:1", head=HEAD + f"a={direction}\r\n")
    assert direction_of(session, session.media[0]) is direction
    assert direction_of(one(), one().media[0]) is Direction.SENDRECV


def test_attributes_are_read() -> None:
    media = one("a=label:16777227", "a=ptime:30", "a=rtcp-mux", "a=ssrc:77 cname:a@b").media[0]
    assert label_of(media) == "16777227"
    assert packet_ms_of(media) == 30
    assert shares_rtcp(media)
    assert source_of(media) == Source(ssrc=77, cname="a@b")


def test_attributes_that_say_nothing_are_as_if_they_were_not_there() -> None:
    media = one("a=label:", "a=ptime:soon", "a=ssrc:x cname:y", "a=ssrc:99999999999 cname:y").media[0]
    assert (label_of(media), packet_ms_of(media), source_of(media), shares_rtcp(media)) == (None, None, None, False)


def test_a_source_may_have_its_name_on_its_second_line_or_none() -> None:
    assert source_of(one("a=ssrc:7 msid:x", "a=ssrc:7 cname:n").media[0]) == Source(ssrc=7, cname="n")
    assert source_of(one("a=ssrc:7", "a=ssrc:8 cname:n").media[0]) == Source(ssrc=7, cname=None)


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([], ("192.0.2.1", 40001)),
        (["a=rtcp:53020"], ("192.0.2.1", 53020)),
        (["a=rtcp:53020 IN IP4 192.0.2.9"], ("192.0.2.9", 53020)),
        (["a=rtcp-mux"], ("192.0.2.1", 40000)),
        (["a=rtcp:nowhere"], ("192.0.2.1", 40001)),
        (["c=IN IP4 0.0.0.0"], None),
    ],
)
def test_where_rtcp_goes(lines: list[str], place: tuple[str, int] | None) -> None:
    description = one(*lines)
    assert rtcp_place_of(description, description.media[0]) == place


def test_payload_types_are_the_static_ones_unless_they_are_mapped() -> None:
    media = described(
        "m=audio 40000 RTP/AVP 0 18 19 96 97 101 102 200 x",
        "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 useinbandfec=1",
        "a=rtpmap:97 AMR-WB/16000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-16",
    ).media[0]
    assert payloads_of(media) == (
        Payload(number=0, name="PCMU", clock_rate=8000),
        Payload(number=18, name="G729", clock_rate=8000),
        Payload(number=19, name="CN", clock_rate=8000),
        Payload(number=96, name="OPUS", clock_rate=48000, channels=2, parameters="useinbandfec=1"),
        Payload(number=97, name="AMR-WB", clock_rate=16000),
        Payload(number=101, name="TELEPHONE-EVENT", clock_rate=8000, parameters="0-16"),
    )


def test_g722_has_a_clock_of_8000_whatever_is_written() -> None:
    media = described("m=audio 1 RTP/AVP 9", "a=rtpmap:9 G722/16000").media[0]
    assert payloads_of(media)[0].clock_rate == 8000


def test_a_line_without_a_voice_is_not_recorded() -> None:
    media = described("m=audio 1 RTP/AVP 101 13 15", "a=rtpmap:101 telephone-event/8000").media[0]
    assert recorded(media) == ()
    assert recorded(described("m=audio 1 RTP/AVP 10").media[0]) == ()
    assert [each.name for each in recorded(media, {"G728"})] == ["TELEPHONE-EVENT", "CN", "G728"]


@pytest.mark.parametrize(
    ("encoding", "parameters", "taken"),
    [
        ("opus/48000/2", "", True),
        ("AMR/8000", "octet-align=1; mode-set=7", True),
        ("AMR/8000", "octet-align=1;crc=1", False),
        ("AMR-WB/16000", "octet-align=1; interleaving=3", False),
        ("AMR-WB/16000/2", "", False),
        ("PCMU/8000/2", "", False),
        ("L16/16000", "", True),
    ],
)
def test_a_voice_of_two_channels_or_in_packets_that_nobody_unpacks_is_not_taken(
    encoding: str, parameters: str, taken: bool
) -> None:
    media = described("m=audio 1 RTP/AVP 96", f"a=rtpmap:96 {encoding}", f"a=fmtp:96 {parameters}").media[0]
    assert bool(recorded(media)) is taken
