"""A recording session serves every shape of client, and writes down what each of them said."""

from __future__ import annotations

import pytest

from callvault.capture.aim import Aim
from callvault.capture.finishing.strokes import playable
from callvault.capture.gate import Opening
from callvault.errors import ProtocolError
from callvault.protocols.sdp.attributes import Direction, RecordingState, direction_of, label_of
from callvault.protocols.sdp.crypto import crypto_of
from callvault.protocols.sdp.payloads import VOICES
from callvault.protocols.sip.headers import Headers
from callvault.protocols.sip.message import Request
from callvault.protocols.spool.journal import Exchanged, Flow, Journal, Payload, Told, write
from tests.unit.capture.siprec.recording import Recorded, request
from tests.unit.protocols.siprec.clients import CLIENTS, FILES

EARLY = [client for client in CLIENTS if client != "cube-without-siprec"]
RUTH, OMAR = "+442079460101", "2001"


def asked(body: str, method: str = "INVITE", *fields: tuple[str, str]) -> Request:
    """A request with a description alone."""
    head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    headers = Headers(fields=(("Content-Type", "application/sdp"), *fields))
    return Request(method=method, uri="sip:rec@192.0.2.9", headers=headers, body=(head + body).encode())


def two(*lines: str) -> str:
    """Two media lines, with attributes of the first."""
    more = "".join(f"{line}\r\n" for line in lines)
    return f"m=audio 4000 RTP/AVP 0\r\na=label:1\r\n{more}m=audio 4002 RTP/AVP 0\r\na=label:2\r\n"


@pytest.mark.parametrize("client", EARLY)
def test_every_clients_call_is_taken(client: str) -> None:
    recorded = Recorded().ask(request(client, "invite"))
    assert recorded.openings
    assert recorded.answer.content_type == "application/sdp"
    assert all(
        direction_of(recorded.described, media) is Direction.RECVONLY
        for media in recorded.described.media
        if media.port
    )
    assert set(recorded.flows.values()) == {Flow.FLOWING}
    assert set(recorded.streams) == {each.stream for each in recorded.openings} == set(recorded.flows)
    assert any(RUTH in address for address in recorded.voices)
    assert not recorded.session.held


@pytest.mark.parametrize("client", EARLY)
def test_every_clients_caller_speaks_on_one_line(client: str) -> None:
    recorded = Recorded().ask(request(client, "invite"))
    (ruth,) = [lines for address, lines in recorded.voices.items() if RUTH in address]
    assert ruth == ((1,) if client == "opensips" else (0,))


@pytest.mark.parametrize("client", EARLY)
def test_every_clients_keys_are_sealed(client: str) -> None:
    recorded = Recorded().ask(request(client, "secure"))
    for stream in recorded.streams.values():
        assert stream.crypto is not None
        assert stream.crypto.startswith("sealed ")
    assert [media.section.attribute("crypto") is not None for media in recorded.described.media] == [
        media.port > 0 for media in recorded.described.media
    ]
    assert all(aim.key is not None and aim.theirs for aim in (recorded.answer.aims or {}).values() if aim is not None)


@pytest.mark.parametrize("client", EARLY)
def test_every_clients_hold_is_seen(client: str) -> None:
    recorded = (
        Recorded().ask(request(client, "second" if client == "oracle" else "invite")).ask(request(client, "hold"))
    )
    assert set(recorded.flows.values()) == {Flow.HELD}
    assert recorded.session.held
    assert recorded.openings == []
    again = recorded.ask(request(client, "second" if client == "oracle" else "invite"))
    assert set(again.flows.values()) == {Flow.FLOWING}
    assert all(
        direction_of(again.described, media) is Direction.RECVONLY for media in again.described.media if media.port
    )


@pytest.mark.parametrize("client", EARLY)
def test_every_clients_transfer_is_seen(client: str) -> None:
    recorded = Recorded().ask(request(client, "invite")).ask(request(client, "transfer"))
    assert any(RUTH in address for address in recorded.voices)
    assert not any(OMAR in address for address in recorded.voices)
    assert any("2002" in address for address in recorded.voices)


def test_the_version_rises_when_the_answer_differs_and_only_then() -> None:
    recorded = Recorded()
    origins = []
    for name in ("invite", "invite", "hold", "hold", "invite"):
        recorded.ask(request("rfc7865", name))
        origins.append((recorded.described.section.first("o") or "").split()[2])
    assert origins == ["1", "1", "2", "2", "3"]


def test_opensips_sends_its_lines_the_other_way_round() -> None:
    recorded = Recorded().ask(request("opensips", "invite"))
    assert [label_of(media) for media in recorded.described.media] == ["1", "0"]
    assert recorded.voices == {"sip:+442079460101@example.org": (1,), "sip:2001@pbx.example.net": (0,)}
    assert recorded.ask(request("opensips", "hold")).codes == {"version-unchanged"}


def test_broadworks_does_not_require_siprec_and_holds_by_address() -> None:
    recorded = Recorded().ask(request("broadworks", "invite")).ask(request("broadworks", "hold"))
    assert {"siprec-not-required", "metadata-namespace", "held-by-address"} <= recorded.codes
    assert recorded.named[0].direction == "outbound"
    assert recorded.named[0].sip_call_id == "7f3a9c21d0@192.0.2.44"


def test_audiocodes_video_is_refused_and_keeps_its_place() -> None:
    recorded = Recorded().ask(request("audiocodes", "invite"))
    assert [media.port for media in recorded.described.media] == [20000, 20002, 0, 0]
    assert set(recorded.streams) == {0, 1}
    assert "line-refused" in recorded.codes


def test_oracle_brings_the_second_party_later() -> None:
    recorded = Recorded().ask(request("oracle", "invite"))
    assert list(recorded.voices.values()) == [(0,)]
    recorded.ask(request("oracle", "second"))
    assert list(recorded.voices.values()) == [(0,), (1,)]
    assert [each.stream for each in recorded.openings] == [1]
    assert recorded.flows == {0: Flow.FLOWING, 1: Flow.FLOWING}


def test_avaya_corrects_a_participant_by_an_update_of_metadata_alone() -> None:
    recorded = Recorded().ask(request("avaya", "invite"))
    assert "sip:ASBCE@asbce.com" in recorded.voices
    recorded.ask(request("avaya", "update"))
    assert recorded.answer.body == b""
    assert recorded.openings == []
    assert recorded.voices == {"sip:+442079460101@example.org": (0,), "sip:2001@pbx.example.net": (1,)}


def test_cube_without_metadata_names_participants_in_a_header() -> None:
    recorded = Recorded().ask(request("cube-forking", "invite"))
    assert recorded.voices == {"sip:+442079460101@example.org": (0,), "sip:2001@pbx.example.net": (1,)}
    assert recorded.codes == {"metadata-missing"}


def test_who_offers_nothing_is_offered_something_and_answers_with_the_ack() -> None:
    recorded = Recorded().ask(request("cube-without-siprec", "invite"))
    assert recorded.openings == [Opening(stream=0, host="0.0.0.0")]
    assert direction_of(recorded.described, recorded.described.media[0]) is Direction.RECVONLY
    assert recorded.flows == {0: Flow.FLOWING}
    assert {"PCMU", "PCMA"} <= {each.name for each in recorded.streams[0].payloads}
    recorded.acknowledge(request("cube-without-siprec", "ack"))
    assert [each.number for each in recorded.streams[0].payloads] == [0, 8, 101, 19]
    assert recorded.voices == {"+442079460101": (0,), "2001": ()}
    assert recorded.answer.aims == {0: Aim(host="192.0.2.20", port=40001)}
    assert recorded.codes == {"metadata-missing", "description-missing"}


@pytest.mark.parametrize(("body", "code"), [("", "answer-missing"), ("x", "answer-unreadable")])
def test_an_offer_that_is_not_answered_is_recorded_as_it_was_offered(body: str, code: str) -> None:
    recorded = Recorded().ask(request("cube-without-siprec", "invite"))
    headers = Headers(fields=(("Content-Type", "application/sdp"),))
    recorded.acknowledge(Request(method="ACK", uri="sip:x", headers=headers, body=body.encode()))
    assert code in recorded.codes
    assert recorded.flows == {0: Flow.FLOWING}


def test_an_ack_of_an_answer_says_nothing() -> None:
    recorded = Recorded().ask(request("rfc7865", "invite"))
    before = len(recorded.records)
    recorded.acknowledge(Request(method="ACK", uri="sip:x"))
    assert len(recorded.records) == before


def test_a_refresh_without_a_description_is_offered_what_there_is() -> None:
    recorded = Recorded().ask(request("rfc7865", "invite"))
    recorded.ask(Request(method="INVITE", uri="sip:x"))
    assert recorded.openings == []
    assert [(media.port, label_of(media)) for media in recorded.described.media] == [(20000, "1"), (20002, "2")]
    secure = Recorded().ask(request("rfc7865", "secure")).ask(Request(method="INVITE", uri="sip:x"))
    assert {media.protocol for media in secure.described.media} == {"RTP/SAVP"}
    assert all(media.section.attribute("crypto") for media in secure.described.media)


def test_a_refresh_by_update_without_a_body_changes_nothing() -> None:
    recorded = Recorded().ask(request("rfc7865", "invite"))
    before = len(recorded.records)
    recorded.ask(Request(method="UPDATE", uri="sip:x"))
    assert len(recorded.records) == before
    assert recorded.answer.body == b""


def test_lines_come_and_go_in_mid_call() -> None:
    recorded = Recorded().ask(asked("m=audio 4000 RTP/AVP 0\r\na=label:1\r\n"))
    recorded.ask(asked(two()))
    assert [each.stream for each in recorded.openings] == [1]
    recorded.ask(asked(two().replace("m=audio 4000", "m=audio 0")))
    assert recorded.answer.closed == (0,)
    assert recorded.flows == {0: Flow.CLOSED, 1: Flow.FLOWING}
    assert [media.port for media in recorded.described.media] == [0, 20002]
    recorded.ask(asked(two()))
    assert [each.stream for each in recorded.openings] == [0]
    recorded.ask(asked("m=audio 4000 RTP/AVP 0\r\na=label:1\r\n"))
    assert recorded.answer.closed == (1,)
    assert "lines-removed" in recorded.codes


def test_a_codec_that_changes_is_written_down_anew() -> None:
    recorded = Recorded().ask(asked("m=audio 4000 RTP/AVP 9\r\n")).ask(asked("m=audio 4000 RTP/AVP 0\r\n"))
    assert [each.name for each in recorded.streams[0].payloads] == ["PCMU"]
    assert recorded.openings == []


def test_a_call_of_which_nothing_can_be_recorded_is_refused_with_the_reason() -> None:
    with pytest.raises(ProtocolError, match="media line 1: it is video") as caught:
        Recorded().ask(asked("m=video 4000 RTP/AVP 97\r\n"))
    assert caught.value.hint == 488
    with pytest.raises(ProtocolError, match="no media line"):
        Recorded().ask(asked(""))


def test_what_is_refused_leaves_the_session_as_it_was() -> None:
    recorded = Recorded().ask(asked(two()))
    with pytest.raises(ProtocolError):
        recorded.session.propose(asked("m=audio what\r\n"))
    again = recorded.ask(asked(two("a=inactive")))
    assert again.flows == {0: Flow.HELD, 1: Flow.FLOWING}


def test_metadata_that_cannot_be_read_costs_nothing_but_itself() -> None:
    good = request("rfc7865", "invite")
    body = good.body.replace(b"<recording", b"<something").replace(b"</recording>", b"</something>")
    recorded = Recorded().ask(Request(method="INVITE", uri="sip:x", headers=good.headers, body=body))
    assert "metadata-unreadable" in recorded.codes
    assert "metadata-missing" not in recorded.codes
    assert len(recorded.streams) == 2
    assert any(isinstance(record, Told) for record in recorded.records)


def test_an_oddity_is_told_once() -> None:
    recorded = Recorded().ask(request("cube", "invite")).ask(request("cube", "hold")).ask(request("cube", "invite"))
    sentences = [record.sentence for record in recorded.records if hasattr(record, "sentence")]
    assert len(sentences) == len(set(sentences))


def test_who_asks_is_told_that_it_is_recorded() -> None:
    recorded = Recorded().ask(asked(two("a=recordpref:off")))
    assert [media.section.attribute("record") for media in recorded.described.media] == ["on", "on"]
    assert recorded.named[-1].extras["recordpref"] == "off"
    aware = Recorded().ask(asked(two(), "INVITE", ("Supported", "record-aware")))
    aware.session.state = RecordingState.PAUSED
    aware.ask(asked(two(), "INVITE", ("Supported", "record-aware")))
    assert aware.described.media[0].section.attribute("record") == "paused"
    assert Recorded().ask(asked(two())).described.media[0].section.attribute("record") is None


def test_reports_go_where_the_client_takes_them() -> None:
    recorded = Recorded().ask(asked(two("a=rtcp:5000 IN IP4 192.0.2.8")))
    assert recorded.answer.aims == {0: Aim(host="192.0.2.8", port=5000), 1: Aim(host="192.0.2.1", port=4003)}
    assert recorded.ask(asked(two("a=rtcp:5000 IN IP4 192.0.2.8"))).answer.aims == {}
    assert recorded.ask(asked(two("c=IN IP4 0.0.0.0"))).answer.aims == {0: None}


def test_reports_of_encrypted_streams_go_under_the_key_that_the_answer_tells() -> None:
    recorded = Recorded().ask(request("rfc7865", "secure"))
    for stream, media in enumerate(recorded.described.media):
        line = crypto_of(media)
        aim = (recorded.answer.aims or {})[stream]
        assert line is not None
        assert aim is not None
        assert line.keys == (aim.key,)
    again = recorded.ask(request("rfc7865", "secure"))
    assert again.answer.aims == {}


@pytest.mark.parametrize(("client", "name"), [each for each in FILES if each[1] not in {"ack", "update"}])
def test_a_successor_goes_on_where_the_journal_ends(client: str, name: str) -> None:
    first = Recorded().ask(request(client, "invite"))
    journal = Journal.read(b"".join(map(write, first.records)))
    assert journal.spoilt == 0
    second = Recorded(journal).ask(request(client, name))
    without = Recorded().ask(request(client, "invite")).ask(request(client, name))
    assert second.voices in ({}, without.voices)
    assert second.codes <= without.codes
    if name == "hold":
        assert second.flows == without.flows
        assert second.session.held
    taken = [media for media in second.described.media if media.port]
    assert len(second.openings) == len(taken), "the gate is asked again, and hands back what is open"


def test_a_conference_is_told_once_and_a_successor_knows_it() -> None:
    said = (("X-Conference-ID", "4711"), ("X-Conference-Name", "Monday"))
    first = Recorded().ask(asked(two(), "INVITE", *said))
    (told,) = (each for each in first.named if each.foreign)
    assert (told.foreign, told.conference_name) == ({"callvault": {"conference": "4711"}}, "Monday")
    second = Recorded(Journal.read(b"".join(map(write, first.records)))).ask(asked(two(), "INVITE", *said))
    assert not any(each.foreign or each.conference_name for each in second.named)


def test_a_successor_lets_go_of_what_its_predecessor_had_open() -> None:
    first = Recorded().ask(asked(two()))
    journal = Journal.read(b"".join(map(write, first.records)))
    second = Recorded(journal).ask(asked(two().replace("m=audio 4000", "m=audio 0")))
    assert second.answer.closed == (0,)
    assert second.flows == {0: Flow.CLOSED}


def test_a_client_of_another_family_of_addresses_is_told_of() -> None:
    assert Recorded().ask(asked(two("c=IN IP6 2001:db8::1"))).codes == {"metadata-missing", "address-family"}
    assert Recorded().ask(asked(two("c=IN IP6 ::"))).codes == {"metadata-missing", "held-by-address"}


@pytest.mark.parametrize("name", sorted(VOICES))
def test_what_is_taken_can_be_played(name: str) -> None:
    assert playable(Payload(number=96, name=name, clock_rate=8000))


def test_a_successors_description_is_newer_than_its_predecessors() -> None:
    first = Recorded().ask(asked(two())).ask(asked(two("a=inactive")))
    told = Exchanged(at_ns=9, sent=True, peer="udp:192.0.2.1:5060", message=first.answer.body.decode("latin-1"))
    second = Recorded(Journal(records=(*first.records, told), spoilt=0)).ask(asked(two()))
    assert (second.described.section.first("o") or "").split()[2] == "3"
