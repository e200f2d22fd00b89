"""Which calls are recorded: every condition of a rule asked of placed calls, and what waits for which cue."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from callvault.caller.call import Call, place
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.sound import noise
from callvault.caller.styles.registry import STYLES
from callvault.capture.gate import VeilState
from callvault.capture.steering.facts import draw_of
from callvault.model.live import Phase
from callvault.model.order import Done, Order, Start, Verb
from callvault.model.policy import Network, Policy, Rule, write_policy
from callvault.model.recording import Direction, Origin
from callvault.model.trunk import Trunk
from callvault.model.wish import Cue, Wish
from callvault.protocols.spool.journal import (
    Attended,
    Begun,
    Ended,
    Flow,
    Flowed,
    Journal,
    RecordingAsked,
    RecordingMoved,
    Unasked,
)
from tests.system.siprec_house import ACCOUNT, TestHouse, a_siprec_house, a_trunk

RUTH = Voice(sound=noise(1, seconds=0.3))
OMAR = Voice(sound=noise(2, seconds=0.3), user="2001", host="pbx.example.net", name="Omar")
TELLING = [name for name, style in STYLES.items() if not style.offers_late]
USER, FIRST = UUID(int=9), UUID(int=1)
OUTBOUND = {"parameters": (("direction", "outbound"),)}
BACK = {"voices": (OMAR, RUTH)}
ELSEWHERE = {"voices": (RUTH, replace(OMAR, user="2002"))}
ABROAD = {"voices": (replace(RUTH, user="+4930901820"), replace(OMAR, user="+4930901821"))}


def ruled(policy: Policy, **changes: Any) -> Trunk:
    """A trunk with a policy of its own."""
    return replace(a_trunk(), settings={"policy": write_policy(policy)}, **changes)


async def called(house: TestHouse, **more: Any) -> Journal:
    """Call, hang up, and read what is left of the call."""
    uri = f"sip:recorder@127.0.0.1:{house.port('udp')}"
    report = await place(CallPlan(**{"recorder": uri, "voices": (RUTH, OMAR), **more}))
    assert report.status == 200
    await house.door.settled()
    return house.journal(house.spools.ended_takes()[-1])


def asked(journal: Journal) -> list[str | None]:
    """By which rules the call was recorded."""
    found = [record.rule for record in journal.records if isinstance(record, RecordingAsked)]
    assert bool(found) != any(isinstance(record, Unasked) for record in journal.records)
    return found


async def steer(house: TestHouse, take: UUID, verb: Verb) -> None:
    order = Order(id=FIRST, account_id=ACCOUNT, take=take, node="here", verb=verb, made_at=datetime.now(UTC))
    assert isinstance(await house.door.carry_out(order), Done)


def moves(journal: Journal) -> list[RecordingMoved]:
    return [record for record in journal.records if isinstance(record, RecordingMoved)]


def last(journal: Journal, kind: type[Flowed | Attended]) -> int:
    """When such a record was written last."""
    return max(record.at_ns for record in journal.records if isinstance(record, kind))


CONDITIONS = [
    pytest.param(Rule(name="r", direction=Direction.INBOUND), {}, OUTBOUND, id="direction"),
    pytest.param(Rule(name="r", network=Network.ONNET), OUTBOUND, {**ABROAD, **OUTBOUND}, id="network"),
    pytest.param(Rule(name="r", caller="+4420*"), {}, BACK, id="caller"),
    pytest.param(Rule(name="r", callee="20?1"), {}, BACK, id="callee"),
    pytest.param(Rule(name="r", number="2001"), BACK, ELSEWHERE, id="number"),
    pytest.param(Rule(name="r", device="2001"), BACK, ELSEWHERE, id="device"),
]


@pytest.mark.parametrize(("rule", "fits", "does_not"), CONDITIONS)
async def test_a_condition_decides(tmp_path: Path, rule: Rule, fits: dict[str, Any], does_not: dict[str, Any]) -> None:
    async with a_siprec_house(tmp_path, trunks=[ruled(Policy(record=False, rules=(rule,)))]) as house:
        assert asked(await called(house, **fits)) == ["r"]
        assert asked(await called(house, **does_not)) == []


async def test_the_numbers_that_are_the_accounts_own_are_told_by_its_policy(tmp_path: Path) -> None:
    rules = (Rule(name="r", network=Network.ONNET),)
    for onnet, expected in (((), []), (("example.org",), ["r"]), (("+4420*",), ["r"])):
        policy = Policy(record=False, rules=rules, onnet=onnet)
        async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
            assert asked(await called(house)) == expected


@pytest.mark.parametrize(("user_id", "expected"), [(USER, ["r"]), (None, []), (UUID(int=10), [])])
async def test_a_user_decides(tmp_path: Path, user_id: UUID | None, expected: list[str]) -> None:
    policy = Policy(record=False, rules=(Rule(name="r", user_id=USER),))
    async with a_siprec_house(tmp_path, trunks=[ruled(policy, user_id=user_id)]) as house:
        assert asked(await called(house)) == expected


async def test_a_share_of_the_calls_is_drawn(tmp_path: Path) -> None:
    policy = Policy(record=False, rules=(Rule(name="r", percent=50.0),))
    drawn: set[bool] = set()
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        while drawn != {True, False}:  # fifty of the same would be drawn in none of a million lives
            journal = await called(house, voices=(replace(RUTH, sound=noise(1, seconds=0.02)),))
            begun = journal.records[0]
            assert isinstance(begun, Begun)
            assert asked(journal) == (["r"] if draw_of(begun.take) < 50 else [])
            drawn.add(draw_of(begun.take) < 50)


async def test_the_first_rule_that_fits_decides_and_one_that_says_also_lets_others_in(tmp_path: Path) -> None:
    rules = (
        Rule(name="first", also=True, callee="2001"),
        Rule(name="second"),
        Rule(name="third"),
    )
    async with a_siprec_house(tmp_path, trunks=[ruled(Policy(rules=rules))]) as house:
        both = await called(house)
        assert asked(both) == ["first", "second"]
        ids = [record.recording for record in both.records if isinstance(record, RecordingAsked)]
        begun = both.begun
        assert begun is not None
        assert ids[0] == begun.take != ids[1]
        assert asked(await called(house, **BACK)) == ["second"]


async def test_a_rule_may_say_that_nothing_is_recorded(tmp_path: Path) -> None:
    policy = Policy(rules=(Rule(name="not those", record=False, callee="2001"),))
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        assert asked(await called(house)) == []
        assert asked(await called(house, **BACK)) == ["every call"]


async def test_what_a_rule_wishes_is_journalled(tmp_path: Path) -> None:
    wish = Wish(most_s=60.0, label="sales", origin=Origin.TRUNK)
    async with a_siprec_house(tmp_path, trunks=[ruled(Policy(rules=(Rule(name="r", wish=wish),)))]) as house:
        journal = await called(house)
    (record,) = [record for record in journal.records if isinstance(record, RecordingAsked)]
    assert (record.wish["most_s"], record.wish["label"]) == (60.0, "sales")


async def test_a_call_that_nobody_asked_for_is_shut_from_its_first_packet_on(tmp_path: Path) -> None:
    policy = Policy(record=False, prebuffer_ms=1500, mask_keys=True)
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        journal = await called(house)
        (veils,) = house.gate.veils.values()
    assert asked(journal) == []
    assert {(veil.state, veil.prebuffer_ms, veil.hide_keys) for veil in veils} == {(VeilState.SHUT, 1500, True)}


async def test_the_veil_is_open_before_a_call_is_answered_that_a_rule_wants(tmp_path: Path) -> None:
    policy = Policy(record=False, rules=(Rule(name="r", callee="2001"),))
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        await called(house)
        (veils,) = house.gate.veils.values()
    assert [veil.state for veil in veils] == [VeilState.SHUT, VeilState.OPEN]


async def test_an_accounts_policy_holds_where_the_trunk_has_none(tmp_path: Path) -> None:
    quiet = replace(a_trunk(), account_policy=write_policy(Policy(record=False)))
    async with a_siprec_house(tmp_path, trunks=[quiet]) as house:
        assert asked(await called(house)) == []
    loud = replace(quiet, settings={"policy": write_policy(Policy())})
    async with a_siprec_house(tmp_path, trunks=[loud]) as house:
        assert asked(await called(house)) == ["every call"]


@pytest.mark.parametrize(
    ("cue", "more", "kind"),
    [
        (Cue.ANSWERED, {"rings_until_s": 0.2}, Flowed),
        (Cue.BRIDGED, {"rings_until_s": 0.2}, Flowed),
        (Cue.BRIDGED, {"answers_at_s": 0.2}, Attended),
    ],
)
async def test_a_cue_is_waited_for(
    tmp_path: Path, cue: Cue, more: dict[str, Any], kind: type[Flowed | Attended]
) -> None:
    policy = Policy(record=False, rules=(Rule(name="r", wish=Wish(cue=cue)),))
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        journal = await called(house, **more)
    (began,) = moves(journal)
    assert began.phase == Phase.RUNNING
    begun, ended = journal.begun, journal.ended
    assert begun is not None
    assert ended is not None
    assert last(journal, kind) <= began.at_ns < ended.at_ns
    assert began.at_ns - begun.at_ns > 2 * 10**8


async def test_who_answers_is_not_who_bridges(tmp_path: Path) -> None:
    policy = Policy(record=False, rules=(Rule(name="r", wish=Wish(cue=Cue.ANSWERED)),))
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        journal = await called(house, answers_at_s=0.2)
    (began,) = moves(journal)
    assert began.at_ns < last(journal, Attended)


async def test_a_cue_that_never_comes_leaves_a_recording_that_never_ran(tmp_path: Path) -> None:
    policy = Policy(record=False, rules=(Rule(name="r", wish=Wish(cue=Cue.BRIDGED)),))
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        journal = await called(house, voices=(RUTH,))
        (veils,) = house.gate.veils.values()
    assert (asked(journal), moves(journal)) == (["r"], [])
    assert {veil.state for veil in veils} == {VeilState.SHUT}


@pytest.mark.parametrize("style", STYLES)
async def test_no_clients_ordinary_call_is_a_transfer(tmp_path: Path, style: str) -> None:
    policy = Policy(rules=(Rule(name="r", wish=Wish(follows_transfer=False)),))
    more: dict[str, Any] = {} if STYLES[style].offers_late else {"holds": ((0.1, 0.2),), "refreshes_at_s": (0.25,)}
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        journal = await called(house, style=style, **more)
    assert [record.phase for record in moves(journal)] == ["running"]


@pytest.mark.parametrize("style", TELLING)
@pytest.mark.parametrize("follows", [True, False])
async def test_a_transfer_ends_what_does_not_follow_it(tmp_path: Path, style: str, follows: bool) -> None:
    policy = Policy(rules=(Rule(name="r", wish=Wish(follows_transfer=follows)),))
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        journal = await called(house, style=style, transfer_at_s=0.15)
    phases = [(record.phase, record.why) for record in moves(journal)]
    assert phases == [("running", "asked"), *([] if follows else [("stopped", "transfer")])]


async def test_a_conference_of_three_is_no_transfer(tmp_path: Path) -> None:
    policy = Policy(rules=(Rule(name="r", wish=Wish(follows_transfer=False)),))
    lena = Voice(sound=noise(3, seconds=0.3), user="2003", name="Lena")
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        journal = await called(house, joiner=lena, joins_at_s=0.1, leaves_at_s=0.2)
    assert [record.phase for record in moves(journal)] == ["running"]


async def test_a_hold_is_no_end_of_anything(tmp_path: Path) -> None:
    policy = Policy(rules=(Rule(name="r", wish=Wish(follows_transfer=False)),))
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        journal = await called(house, holds=((0.1, 0.2),))
    flows = [record.flow for record in journal.records if isinstance(record, Flowed)]
    assert Flow.HELD in flows
    assert [record.phase for record in moves(journal)] == ["running"]
    assert isinstance(journal.records[-1], Ended)


@pytest.mark.parametrize("ends_first", [True, False])
@pytest.mark.parametrize("follows", [True, False])
async def test_a_new_recording_session_of_the_same_call_is_a_transfer(
    tmp_path: Path, follows: bool, ends_first: bool
) -> None:
    policy = Policy(rules=(Rule(name="r", wish=Wish(follows_transfer=follows)),))
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        plan = CallPlan(
            recorder=f"sip:recorder@127.0.0.1:{house.port('udp')}", voices=(RUTH, OMAR), recorded_call="one@example.org"
        )
        lena = replace(OMAR, user="2003", name="Lena")
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(Call(plan))
            old = house.take()
            await steer(house, old, Start(recording=FIRST, wish=Wish(follows_transfer=follows, label="asked")))
            if ends_first:
                await stack.aclose()
                await house.door.settled()
            async with Call(replace(plan, voices=(RUTH, lena))):
                (new,) = {call.take for call in house.door.calls} - {old}
                left, taken = house.journal(old), house.journal(new)
        assert first.report().status == 200
    wishes = [record.wish.get("label") for record in taken.records if isinstance(record, RecordingAsked)]
    assert wishes == ([None, "asked"] if follows else [])
    stopped = [record.why for record in moves(left) if record.phase == Phase.STOPPED]
    assert stopped == ([] if follows or ends_first else ["transfer", "transfer"])


async def test_calls_that_have_nothing_in_common_follow_nobody(tmp_path: Path) -> None:
    policy = Policy(rules=(Rule(name="r", wish=Wish(follows_transfer=False)),))
    async with a_siprec_house(tmp_path, trunks=[ruled(policy)]) as house:
        assert asked(await called(house, recorded_call="one@example.org")) == ["r"]
        assert asked(await called(house, recorded_call="two@example.org")) == ["r"]
