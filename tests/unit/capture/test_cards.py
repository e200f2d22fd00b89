"""What a recording says of itself, from what the signalling said of its call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from callvault.capture.cards import captured_of, card_of, card_of_missed, number_of, recording_id
from callvault.capture.conference import Conference
from callvault.capture.finished import FinishedAudio, Missed
from callvault.model.capture import Attendance, Capture, Oddity
from callvault.model.ids import new_id, time_of
from callvault.model.recording import Direction, MediaState, Origin, Source
from callvault.model.wish import Wish
from callvault.protocols.spool.journal import Begun, Ended, Exchanged, Journal, Named, Reason, Record

START = datetime(2026, 3, 31, 23, 59, 59, 250_000, UTC)
START_NS = int(START.timestamp() * 1000) * 1_000_000
TAKE = new_id(START, bytes(10))
ACCOUNT = UUID(int=5)
BEGUN = Begun(
    take=TAKE, at_ns=START_NS, account_id=ACCOUNT, door="siprec", trunk="sbc", settings={"direction": "outbound"}
)


def somebody(name: str, channel: int | None, from_ms: int = 0, through_ms: int = 60_000) -> Attendance:
    address = f"sip:+1202555{len(name):04}@example.net"
    return Attendance(id=name, address=address, name=name, channel=channel, from_ms=from_ms, through_ms=through_ms)


def capture(*attendances: Attendance, oddities: tuple[Oddity, ...] = ()) -> Capture:
    return Capture(
        door="siprec", trunk="sbc", peer="udp:192.0.2.7:5060", reason="bye", streams=(),
        attendances=attendances, oddities=oddities,
    )  # fmt: skip


def audio(of: Capture, **known: Any) -> FinishedAudio:
    usual = {"path": Path("a.wav"), "streams": (0, 1), "channels": 2, "began_ns": START_NS, "sample_rate": 8000}
    return FinishedAudio(**{**usual, "samples": 12_000, "partial": False, "capture": of, **known})


def missed(of: Capture) -> Missed:
    return Missed(recording=None, wish=None, at_ns=BEGUN.at_ns, capture=of, sentence=None)


def journal(*records: Record) -> Journal:
    return Journal(records=(BEGUN, *records), spoilt=0)


def parties(*attendances: Attendance) -> Sequence[str | None]:
    card = card_of(journal(), BEGUN, audio(capture(*attendances)))
    return card.caller.name, card.callee.name, card.transfer_to


def test_times_come_from_the_audio() -> None:
    card = card_of(journal(), BEGUN, audio(capture()))
    assert card.started_at == START
    assert card.ended_at == START + timedelta(seconds=1.5)
    assert card.origin is Origin.TRUNK
    assert card.media_state is None
    assert card_of(journal(), BEGUN, audio(capture(), partial=True)).media_state is MediaState.PARTIAL


def test_the_first_channel_is_the_callers() -> None:
    assert parties(somebody("Ruth", 1), somebody("Bo", 2)) == ("Ruth", "Bo", None)
    assert parties(somebody("Bo", 2), somebody("Ruth", 1)) == ("Ruth", "Bo", None)


def test_who_shares_a_stream_is_told_by_the_order() -> None:
    assert parties(somebody("Ruth", 1), somebody("Bo", 1, 5)) == ("Ruth", "Bo", None)
    assert parties(somebody("Ruth", None), somebody("Bo", None, 5)) == ("Ruth", "Bo", None)
    assert parties(somebody("Ruth", 1), somebody("Bo", None)) == ("Ruth", "Bo", None)
    assert parties() == (None, None, None)


def test_a_participant_who_is_replaced_was_transferred() -> None:
    card = card_of(
        journal(),
        BEGUN,
        audio(capture(somebody("Ruth", 1), somebody("Bo", 2, 0, 9_000), somebody("Clara", 2, 9_000))),
    )
    assert (card.caller.name, card.callee.name) == ("Ruth", "Clara")
    assert (card.transfer_caller_id, card.transfer_to) == ("+12025550002", "+12025550005")


def test_a_conference_of_three_has_the_two_who_were_first() -> None:
    assert parties(somebody("Ruth", 1), somebody("Bo", 2), somebody("Clara", 2, 9_000)) == ("Ruth", "Bo", None)


ROOM = Conference(id=UUID(int=77), name="Monday", since_ns=START_NS + 1_000_000_000)
OF_IT = Wish(origin=Origin.CONFERENCE_COMMAND)


@pytest.mark.parametrize(
    ("room", "wish", "samples", "expected"),
    [
        (None, None, 12_000, (None, None, Source.CALL)),
        (replace(ROOM, since_ns=None), None, 12_000, (None, None, Source.CALL)),
        (ROOM, None, 12_000, (ROOM.id, "Monday", Source.CALL)),
        (ROOM, None, 4_000, (None, None, Source.CALL)),
        (ROOM, OF_IT, 4_000, (ROOM.id, "Monday", Source.CONFERENCE)),
        (replace(ROOM, since_ns=None, name=None), OF_IT, 12_000, (ROOM.id, None, Source.CONFERENCE)),
    ],
)
def test_a_recording_tells_of_the_conference_if_there_was_one_before_it_ended_or_if_it_is_of_it(
    room: Conference | None, wish: Wish | None, samples: int, expected: tuple[UUID | None, str | None, Source]
) -> None:
    card = card_of(journal(), BEGUN, audio(capture(), samples=samples, wish=wish), room)
    assert (card.conference_id, card.conference_name, card.source) == expected


def test_the_first_word_for_a_name_counts_and_what_the_core_has_no_word_for_is_kept() -> None:
    card = card_of(
        journal(
            Named(at_ns=1, sip_call_id="a@b", extras={"ucid": "1"}),
            Named(at_ns=2, session_id="s", sip_call_id="c@d", direction="inbound", extras={"ucid": "2", "queue": "x"}),
        ),
        BEGUN,
        audio(capture()),
    )
    assert card.sip_call_id == "a@b"
    assert card.direction is Direction.INBOUND
    assert card.extras == {"callvault": {"ucid": "1", "queue": "x"}}
    again = card_of(journal(Named(at_ns=9, session_id="s")), BEGUN, audio(capture()))
    assert again.call_session_id == card.call_session_id is not None
    assert again.direction is Direction.OUTBOUND


def test_oddities_become_notes_once_each() -> None:
    odd = Oddity(at_ms=0, code="silent", sentence="Stream 2 was announced, but no packet came.")
    assert card_of(journal(), BEGUN, audio(capture(oddities=(odd, odd)))).notes == (odd.sentence,)


def test_a_call_of_which_nothing_came_has_its_times_from_the_signalling() -> None:
    ended = Ended(at_ns=START_NS + 2_000_000_000, reason=Reason.BYE)
    card = card_of_missed(journal(ended), BEGUN, missed(capture(somebody("Ruth", None))))
    assert (card.started_at, card.ended_at) == (START, START + timedelta(seconds=2))
    assert card.caller.name == "Ruth"
    assert card_of_missed(journal(), BEGUN, missed(capture())).ended_at == START


def test_the_exchange_is_kept_in_the_recordings_own_time() -> None:
    said = Exchanged(at_ns=START_NS - 5_000_000, sent=False, peer="udp:192.0.2.7:5060", message="BYE")
    (message,) = captured_of(journal(said), capture(), START_NS).exchange
    assert (message.at_ms, message.text) == (-5, "BYE")


def test_the_recordings_of_one_take_have_ids_of_its_moment() -> None:
    ids = [recording_id(TAKE, number) for number in range(4)]
    assert ids[0] == TAKE
    assert len(set(ids)) == 4
    assert {time_of(each) for each in ids} == {START}
    assert ids == [recording_id(TAKE, number) for number in range(4)]


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("sip:+12025550143@192.0.2.1;user=phone", "+12025550143"),
        ("<sip:+12025550143@192.0.2.1:5060>", "+12025550143"),
        ("tel:+1-202-555-0143", "+12025550143"),
        ("7001", "7001"),
        ("7001@pbx", "7001"),
        ("SIPS:Ruth@example.net;transport=tls", "sips:Ruth@example.net"),
        ("ruth", "ruth"),
        ("sip:anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid"),
        ("sip:example.net", "example.net"),
        ("", None),
        (None, None),
        ("sip:@example.net", None),
    ],
)
def test_the_number_in_an_address(address: str | None, number: str | None) -> None:
    assert number_of(address) == number
