"""What is known of a call while it lasts: who is in it, since when it is answered and bridged, what a rule may ask."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.capture.cards import call_id_of
from callvault.capture.steering.facts import KnownCall, draw_of, known_from
from callvault.model.live import names_of
from callvault.model.policy import Network, Policy
from callvault.model.recording import Direction
from callvault.protocols.spool.journal import Attended, Begun, Flow, Flowed, Named, Participant, Record

TAKE = UUID("01993b1e-7a00-7000-8000-000000000001")
ACCOUNT = UUID("01993b1e-7a00-7000-8000-0000000000aa")
SECOND_NS = 1_000_000_000
T0 = 1_760_000_000 * SECOND_NS
USER = UUID(int=9)
BEGUN = Begun(
    take=TAKE, at_ns=T0, account_id=ACCOUNT, door="siprec", trunk="sbc", settings={"user_id": str(USER)}
)  # fmt: skip
RUTH = Participant(id="r", address="sip:+442079460101@example.org", name="Ruth", sends=(0,))
OMAR = Participant(id="o", address="sip:2001@pbx.example.net", name="Omar", sends=(1,))
LENA = Participant(id="l", address="sip:2003@pbx.example.net", name="Lena", sends=(2,))


def at(second: float) -> int:
    return T0 + int(second * SECOND_NS)


def flowed(stream: int, flow: Flow = Flow.FLOWING, second: float = 0.0) -> Flowed:
    return Flowed(at_ns=at(second), stream=stream, flow=flow)


def there(*people: Participant, second: float = 0.0) -> Attended:
    return Attended(at_ns=at(second), participants=people)


def known(*records: Record) -> KnownCall:
    return known_from(BEGUN, records)


def pair() -> list[Record]:
    return [flowed(0), flowed(1), there(RUTH, OMAR)]


def test_a_call_of_two_is_answered_and_bridged_when_it_begins() -> None:
    call = known(*pair())
    assert (call.answered_ns, call.bridged_ns) == (T0, T0)
    assert (call.caller, call.callee) == (RUTH, OMAR)


def test_who_comes_later_bridges_it() -> None:
    call = known(flowed(0), there(RUTH), flowed(1, second=4), there(RUTH, OMAR, second=4))
    assert (call.answered_ns, call.bridged_ns) == (T0, at(4))
    assert (call.caller, call.callee) == (RUTH, OMAR)


def test_while_nothing_flows_nobody_has_answered() -> None:
    ringing: list[Record] = [flowed(0, Flow.HELD), flowed(1, Flow.HELD), there(RUTH, OMAR)]
    assert not known(*ringing).answered
    assert known(*ringing).held
    call = known(*ringing, flowed(0, second=3), flowed(1, second=3))
    assert (call.answered_ns, call.bridged_ns, call.held) == (at(3), at(3), False)


def test_streams_count_where_nobody_says_whose_they_are() -> None:
    call = known(flowed(0), flowed(1, second=2))
    assert (call.answered_ns, call.bridged_ns) == (T0, at(2))
    assert call.live("here").participants == 2


def test_two_who_share_a_stream_are_two() -> None:
    mixed = [Participant(id=name, address=f"sip:{name}@example.net", sends=(0,)) for name in ("a", "b")]
    assert known(flowed(0), there(*mixed)).bridged


def test_hold_and_what_comes_after_it_change_neither_moment() -> None:
    call = known(*pair(), flowed(0, Flow.HELD, 2), flowed(1, Flow.HELD, 2), flowed(0, second=3), flowed(1, second=3))
    assert (call.answered_ns, call.bridged_ns) == (T0, T0)


def test_a_transfer_is_a_place_that_another_takes() -> None:
    lena = Participant(id="l", address="sip:2003@pbx.example.net", sends=(1,))
    call = known(*pair(), there(RUTH, lena, second=5))
    assert (call.transfers, call.caller, call.callee) == (1, RUTH, lena)


def test_a_transfer_may_take_two_steps() -> None:
    gone = known(*pair(), there(RUTH, second=5))
    assert gone.transfers == 0
    call = gone.after([there(RUTH, LENA, second=6)])
    assert (call.transfers, call.callee) == (1, LENA)


def test_who_comes_back_was_not_replaced() -> None:
    call = known(*pair(), there(RUTH, second=5), there(RUTH, OMAR, second=6), there(RUTH, OMAR, LENA, second=7))
    assert (call.transfers, call.callee) == (0, OMAR)


def test_a_conference_is_no_transfer() -> None:
    call = known(*pair(), there(RUTH, OMAR, LENA, second=2), there(RUTH, OMAR, second=4))
    assert call.transfers == 0
    again = call.after([there(RUTH, OMAR, LENA, second=6)])
    assert (again.transfers, again.callee) == (0, OMAR)


def test_a_name_that_becomes_known_and_a_new_id_are_no_transfer() -> None:
    named = Participant(id="o", address="sip:2001@elsewhere.example", name="Omar Q.", sends=(1,))
    numbered = Participant(id="another", address=RUTH.address, sends=(0,))
    call = known(*pair(), there(RUTH, named, second=1), there(numbered, named, second=2))
    assert (call.transfers, call.caller, call.callee) == (0, numbered, named)


def test_what_a_rule_may_look_at() -> None:
    facts = known(Named(at_ns=T0, direction="outbound", session_id="s"), *pair()).facts(Policy())
    assert facts.direction is Direction.OUTBOUND
    assert (facts.caller, facts.callee) == ("+442079460101", "2001")
    assert facts.network is Network.ONNET
    assert facts.devices == ("+442079460101", "2001")
    assert (facts.user_id, facts.draw) == (USER, draw_of(TAKE))


def test_the_other_side_says_whether_a_call_stays_on_the_net() -> None:
    call = known(*pair())
    assert call.facts(Policy()).network is Network.OFFNET
    assert call.facts(Policy(onnet=("example.org",))).network is Network.ONNET
    assert call.facts(Policy(onnet=("+4420*",))).network is Network.ONNET


def test_the_first_word_for_a_name_counts() -> None:
    first = Named(at_ns=T0, sip_call_id="a", session_id="s", direction="inbound", foreign={"twilio": {"call": "CA1"}})
    later = Named(at_ns=at(1), sip_call_id="b", direction="outbound", foreign={"twilio": {"call": "CA2", "x": "y"}})
    call = known(first, later)
    assert (call.sip_call_id, call.session, call.direction) == ("a", "s", Direction.INBOUND)
    assert call.foreign == {"twilio": {"call": "CA1", "x": "y"}}


def test_the_trunk_says_the_direction_where_the_client_does_not() -> None:
    begun = Begun(take=TAKE, at_ns=T0, account_id=ACCOUNT, door="siprec", settings={"direction": "outbound"})
    assert known_from(begun).direction is Direction.OUTBOUND


def test_the_call_as_people_see_it() -> None:
    live = known(*pair()).live("node", masked=True)
    assert (live.call_id, live.session_id) == (call_id_of(TAKE), call_id_of(TAKE))
    assert (live.caller.number, live.caller.name) == ("+442079460101", "Ruth")
    assert (live.participants, live.masked, live.held, live.node) == (2, True, False, "node")
    assert live.answered_at == live.bridged_at == live.began_at
    assert (live.connection_id, live.user_id) == ("sbc", USER)


def test_a_call_of_two_has_an_id_to_be_asked_for_as_a_conference_and_is_none() -> None:
    live = known(*pair()).live("node")
    assert live.conference_id == known().live("node").conference_id is not None
    assert (live.is_conference, live.conference_name) == (False, None)
    assert str(live.conference_id) in names_of(live)


def test_it_is_one_from_when_three_speak_and_stays_one() -> None:
    three = [*pair(), flowed(2, second=3), there(RUTH, OMAR, LENA, second=3)]
    assert known(*three).conference.since_ns == at(3)
    assert known(*three).live("node").conference_id == known(*pair()).live("node").conference_id
    assert known(*three, there(RUTH, OMAR, second=5)).conference.since_ns == at(3)


def test_three_of_whom_one_is_held_are_none_and_neither_are_three_streams_of_nobody() -> None:
    held = [*pair(), flowed(2, Flow.HELD, 3), there(RUTH, OMAR, LENA, second=3)]
    assert known(*held).conference.since_ns is None
    assert known(*held, flowed(2, second=4)).conference.since_ns == at(4)
    assert known(flowed(0), flowed(1), flowed(2)).conference.since_ns is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (Named(at_ns=T0, foreign={"signalwire": {"conference": "CF" + "1" * 32}}), None),
        (Named(at_ns=T0, foreign={"callvault": {"conference": "4711"}}, conference_name="Monday"), "Monday"),
        (Named(at_ns=T0, conference_name="Monday"), "Monday"),
    ],
)
def test_it_is_one_where_the_client_says_so(said: Named, name: str | None) -> None:
    live = known(*pair(), said).live("node")
    assert (live.is_conference, live.conference_name) == (True, name)
    told = {text for ids in said.foreign.values() for text in ids.values()}
    assert {*told, str(live.conference_id), *filter(None, [name])} <= names_of(live)


PEOPLE = st.lists(st.sampled_from([RUTH, OMAR, LENA]), unique=True, max_size=3)
CHANGES = st.lists(
    st.one_of(
        PEOPLE.map(lambda people: there(*people)),
        st.builds(flowed, st.integers(0, 2), st.sampled_from(Flow)),
    ),
    max_size=20,
)


@given(CHANGES)
def test_what_is_known_is_the_same_record_by_record_as_at_once(changes: list[Record]) -> None:
    moments = [
        record.__class__(**{**{name: getattr(record, name) for name in record.__slots__}, "at_ns": at(number)})
        for number, record in enumerate(changes)
    ]
    step_by_step = known_from(BEGUN)
    states = [step_by_step := step_by_step.after([record]) for record in moments]
    assert step_by_step == known_from(BEGUN, moments)
    for before, after in pairwise(states):
        assert before.answered_ns in (None, after.answered_ns)
        assert before.bridged_ns in (None, after.bridged_ns)
        assert after.transfers >= before.transfers


@given(CHANGES)
def test_who_bridges_a_call_has_answered_it(changes: list[Record]) -> None:
    call = known(*changes)
    assert call.answered or not call.bridged
    assert {each.id for each in call.vacant}.isdisjoint(each.id for each in call.people)


@given(st.uuids())
def test_the_draw_is_a_share_of_a_hundred(take: UUID) -> None:
    assert 0 <= draw_of(take) < 100
