"""A recorder's answer: every line, in order, with its label; what is not taken has port 0."""

from __future__ import annotations

import base64

import pytest

from callvault.protocols.sdp.agreement import Agreement, Refusal, agree, flow_of
from callvault.protocols.sdp.answer import LATE_OFFER, Origin, Seat, write_answer, write_offer
from callvault.protocols.sdp.attributes import Direction, RecordingState, address_of, direction_of, label_of
from callvault.protocols.sdp.crypto import crypto_of
from callvault.protocols.sdp.description import Description
from callvault.protocols.sdp.payloads import payloads_of
from callvault.protocols.spool.journal import Flow
from callvault.protocols.srtp_keys import SrtpKey
from tests.unit.protocols.sdp.descriptions import described, one
from tests.unit.protocols.siprec.clients import OFFERS, sent

ORIGIN = Origin(session=9, version=3, host="198.51.100.7")
KEY = "inline:" + base64.b64encode(bytes(30)).decode()


def seats(agreements: tuple[Agreement, ...]) -> dict[int, Seat]:
    return {
        each.stream: Seat(port=20000 + 2 * each.stream, rtcp_port=20001 + 2 * each.stream)
        for each in agreements
        if each.refusal is None
    }


def answered(offer: Description, state: RecordingState | None = None) -> Description:
    agreements = agree(offer)
    return Description.parse(write_answer(agreements, seats(agreements), ORIGIN, state))


@pytest.mark.parametrize(("client", "name"), OFFERS)
def test_every_client_gets_each_of_its_lines_back(client: str, name: str) -> None:
    offer = Description.parse(sent(client, name).part("application/sdp"))
    answer = answered(offer)
    assert [(line.kind, line.protocol, label_of(line)) for line in answer.media] == [
        (line.kind, line.protocol, label_of(line)) for line in offer.media
    ]
    for mine, theirs in zip(answer.media, offer.media, strict=True):
        taken = theirs.kind == "audio" and theirs.port > 0
        assert bool(mine.port) == taken
        if taken:
            assert set(mine.formats) <= set(theirs.formats)
            assert not direction_of(answer, mine).sends


def test_the_answer_says_who_and_where_we_are() -> None:
    answer = answered(one())
    assert answer.section.first("o") == "callvault 9 3 IN IP4 198.51.100.7"
    place = address_of(answer, answer.media[0])
    assert place is not None
    assert place.host == "198.51.100.7"
    assert Origin(session=1, version=1, host="2001:db8::7").address == "IN IP6 2001:db8::7"


@pytest.mark.parametrize(
    ("offered", "ours"),
    [("sendonly", "recvonly"), ("sendrecv", "recvonly"), ("inactive", "inactive"), ("recvonly", "inactive")],
)
def test_directions_are_mirrored(offered: str, ours: str) -> None:
    answer = answered(one(f"a={offered}"))
    assert direction_of(answer, answer.media[0]) is Direction(ours)


@pytest.mark.parametrize(
    ("lines", "flow"),
    [
        (["m=audio 1 RTP/AVP 0", "a=sendonly"], Flow.FLOWING),
        (["m=audio 1 RTP/AVP 0"], Flow.FLOWING),
        (["m=audio 1 RTP/AVP 0", "a=inactive"], Flow.HELD),
        (["m=audio 1 RTP/AVP 0", "a=recvonly"], Flow.HELD),
        (["m=audio 1 RTP/AVP 0", "c=IN IP4 0.0.0.0"], Flow.HELD),
        (["m=audio 0 RTP/AVP 0"], Flow.CLOSED),
    ],
)
def test_a_hold_is_seen_in_whichever_way_it_is_said(lines: list[str], flow: Flow) -> None:
    offer = described(*lines)
    assert flow_of(offer, offer.media[0]) is flow
    assert agree(offer)[0].flow is flow


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ("m=audio 0 RTP/AVP 0", Refusal.REMOVED),
        ("m=video 4000 RTP/AVP 97", Refusal.NOT_AUDIO),
        ("m=audio 4000 RTP/AVP 15 101", Refusal.NO_CODEC),
        ("m=audio 4000 UDP/TLS/RTP/SAVPF 0", Refusal.PROTOCOL),
        ("m=audio 4000 RTP/SAVP 0", Refusal.NO_KEY),
    ],
)
def test_what_is_not_taken_has_port_0_and_keeps_its_place(line: str, refusal: Refusal) -> None:
    offer = described("m=audio 4000 RTP/AVP 0", "a=label:1", line, "a=label:2", "m=audio 4002 RTP/AVP 8", "a=label:3")
    assert [each.refusal for each in agree(offer)] == [None, refusal, None]
    answer = answered(offer)
    assert [media.port for media in answer.media] == [20000, 0, 20004]
    assert [label_of(media) for media in answer.media] == ["1", "2", "3"]
    assert agree(offer)[1].flow is Flow.CLOSED


def test_every_codec_that_is_recorded_is_accepted_as_it_was_offered() -> None:
    offer = described(
        "m=audio 4000 RTP/AVP 96 15 0 101",
        "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 stereo=0",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-16",
        "a=ptime:20",
    )
    answer = answered(offer)
    assert answer.media[0].formats == ("96", "0", "101")
    assert payloads_of(answer.media[0]) == agree(offer)[0].payloads
    assert answer.media[0].section.attribute("ptime") == "20"


def test_a_key_is_answered_with_ours_under_the_same_tag() -> None:
    offer = described(
        "m=audio 4000 RTP/SAVP 0", f"a=crypto:4 F8_128_HMAC_SHA1_80 {KEY}", f"a=crypto:7 AES_CM_128_HMAC_SHA1_32 {KEY}"
    )
    (agreement,) = agree(offer)
    ours = SrtpKey(suite="AES_CM_128_HMAC_SHA1_32", secret=bytes(range(30)))
    text = write_answer([agreement], {0: Seat(port=20000, rtcp_port=20001, key=ours)}, ORIGIN)
    line = crypto_of(Description.parse(text).media[0])
    assert line is not None
    assert (line.tag, line.keys[0]) == (7, ours)


def test_keys_on_a_line_without_srtp_are_left_alone() -> None:
    offer = one(f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}")
    assert agree(offer)[0].crypto is None
    assert b"crypto" not in answered(offer).write()


@pytest.mark.parametrize(
    ("lines", "seat", "said"),
    [
        (["a=rtcp-mux"], Seat(port=20000, rtcp_port=20000), "rtcp-mux"),
        ([], Seat(port=20000, rtcp_port=20001), None),
        ([], Seat(port=20000, rtcp_port=30000), "rtcp:30000"),
        (["a=rtcp-mux"], Seat(port=20000, rtcp_port=20001), None),
    ],
)
def test_where_we_take_rtcp_is_said_where_it_is_not_the_next_port(
    lines: list[str], seat: Seat, said: str | None
) -> None:
    answer = Description.parse(write_answer(agree(one(*lines)), {0: seat}, ORIGIN))
    values = [value for letter, value in answer.media[0].section.lines if letter == "a" and value.startswith("rtcp")]
    assert values == ([said] if said else [])


def test_the_state_of_the_recording_is_told_on_request() -> None:
    assert answered(one(), RecordingState.PAUSED).media[0].section.attribute("record") == "paused"
    assert answered(one()).media[0].section.attribute("record") is None


def test_who_offers_nothing_is_offered_what_can_be_recorded() -> None:
    text = write_offer([("1", LATE_OFFER)], {0: Seat(port=20000, rtcp_port=20001)}, ORIGIN)
    offer = Description.parse(text)
    assert payloads_of(offer.media[0]) == LATE_OFFER
    assert direction_of(offer, offer.media[0]) is Direction.RECVONLY
    assert label_of(offer.media[0]) == "1"
