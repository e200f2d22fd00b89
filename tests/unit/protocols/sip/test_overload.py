"""Floods, garbage and full houses: calls under way go on, and memory has its bounds."""

from __future__ import annotations

import random

import pytest

from callvault.protocols.sip import events
from callvault.protocols.sip.message import Response, parse
from callvault.protocols.sip.overload import quick_refusal
from callvault.protocols.sip.terms import Limits
from tests.unit.protocols.sip.border import UDP, Border, an_agent
from tests.unit.protocols.sip.messages import TORTURE

KEY = b"of these tests alone"


def stranger(number: int) -> Border:
    return Border(call=f"flood-{number}", tag="")


def test_a_flood_of_invites_is_turned_away_and_the_calls_under_way_go_on() -> None:
    agent = an_agent(Limits(transactions=50))
    border = Border(agent=agent)
    border.establish()
    for number in range(2000):
        invite = stranger(number).invite().replace(b"INVITE-1", f"flood-{number}".encode())
        agent.receive(invite, UDP, 0.0)
    assert agent.transactions == 50
    assert agent.turned_away == 2000 - 49
    statuses = [parse(data) for data, _ in agent.to_send()]
    assert sum(isinstance(message, Response) and message.status == 503 for message in statuses) == 2000 - 49
    border.send(border.invite())
    assert border.answer()[-1].status == 200
    border.ack()
    border.send(border.request("BYE"))
    assert border.collect()[-1].status == 200


def test_memory_of_a_flood_is_given_back() -> None:
    agent = an_agent(Limits(held_bytes=100_000))
    for number in range(5000):
        agent.receive(stranger(number).invite().replace(b"INVITE-1", f"flood-{number}".encode()), UDP, 0.0)
    assert agent.held_bytes < 100_000 + 2000
    agent.to_send()
    while (at := agent.next_timer()) is not None:
        agent.handle_timer(at)
        agent.to_send()
    assert agent.transactions == agent.held_bytes == agent.dialogs == 0


def test_an_overloaded_server_refuses_calls_without_remembering_them() -> None:
    agent = an_agent()
    border = Border(agent=agent)
    border.establish()
    agent.refuse_calls(True)
    before = agent.transactions
    agent.receive(stranger(1).invite(), UDP, 0.0)
    ((data, _),) = agent.to_send()
    refusal = parse(data)
    assert isinstance(refusal, Response)
    assert refusal.status == 503
    assert refusal.headers.first("retry-after") == "10"
    assert refusal.headers.first("call-id") == "flood-1"
    assert agent.transactions == before
    border.send(border.invite())
    assert isinstance(border.asked(), events.Reinvited)
    agent.receive(stranger(2).request("OPTIONS"), UDP, 0.0)
    assert any(b"SIP/2.0 503" in data for data, _ in agent.to_send())
    agent.refuse_calls(False)
    agent.receive(stranger(3).invite(), UDP, 0.0)
    assert agent.to_send()[-1][0].startswith(b"SIP/2.0 100")


def test_more_calls_than_the_limit_find_no_room() -> None:
    agent = an_agent(Limits(dialogs=1))
    Border(agent=agent).establish()
    agent.receive(stranger(1).invite(), UDP, 0.0)
    assert agent.to_send()[-1][0].startswith(b"SIP/2.0 503")


@pytest.mark.parametrize("name", ["wsinv", "esc01", "longreq", "lwsstart", "inv2543", "baddate", "sdp01"])
def test_a_quick_refusal_says_what_the_slow_one_would(name: str) -> None:
    refusal = quick_refusal(TORTURE[name], retry_after_s=7, key=KEY)
    request = parse(TORTURE[name])
    if name == "wsinv":  # it has a To tag, and so begins no call
        assert refusal is None
        return
    assert refusal is not None
    response = parse(refusal)
    assert isinstance(response, Response)
    assert (response.status, response.headers.first("retry-after")) == (503, "7")
    for field in ("via", "from", "call-id", "cseq"):
        assert response.headers.all(field) == request.headers.all(field)
    assert (response.headers.first("to") or "").startswith(request.headers.first("to") or "?")
    assert quick_refusal(TORTURE[name], retry_after_s=7, key=KEY) == refusal


@pytest.mark.parametrize(
    "data", [b"", b"INVITE ", b"BYE sip:a SIP/2.0\r\n\r\n", b"INVITE sip:a SIP/2.0\r\nTo: x\r\n\r\n"]
)
def test_what_is_no_invite_is_left_to_those_who_look(data: bytes) -> None:
    assert quick_refusal(data, retry_after_s=7, key=KEY) is None


def test_garbage_is_counted_and_leaves_nothing() -> None:
    agent = an_agent()
    dice = random.Random(20260301)
    for _ in range(2000):
        agent.receive(dice.randbytes(dice.randrange(200)), UDP, 0.0)
    assert agent.to_send() == []
    assert agent.dropped == 2000
    assert agent.transactions == agent.held_bytes == 0
