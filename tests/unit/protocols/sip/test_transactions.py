"""The state machines as tables: every state and everything that can happen in it."""

from __future__ import annotations

import pytest

from callvault.errors import Conflict
from callvault.protocols.sip import client_transaction
from callvault.protocols.sip.client_transaction import ClientState, ClientTransaction
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.message import Request, parse
from callvault.protocols.sip.server_transaction import Happening, ServerTransaction, State, key_of
from callvault.protocols.sip.timers import Intervals, Timers
from tests.unit.protocols.sip.border import TCP, UDP, Border


def server(method: str, flow: Flow = UDP) -> ServerTransaction:
    request = parse(Border().request(method))
    assert isinstance(request, Request)
    essentials = Essentials.of(request)
    key = key_of(request, essentials)
    return ServerTransaction(key=key, request=request, essentials=essentials, flow=flow, intervals=Intervals())


def client(method: str, flow: Flow = UDP) -> ClientTransaction:
    request = Request(method=method, uri="sip:a@b")
    return ClientTransaction(
        key=("z9hG4bKx", method), request=request, wire=b"wire", flow=flow, intervals=Intervals(), now=0.0
    )


def run_until_over(transaction: ServerTransaction | ClientTransaction) -> tuple[int, float]:
    """How often something was sent, and when it was over."""
    sent, now = len(transaction.out), 0.0
    transaction.out.clear()
    while (at := transaction.next_timer()) is not None:
        now = at
        transaction.handle_timer(now)
        sent += len(transaction.out)
        transaction.out.clear()
    return sent, now


@pytest.mark.parametrize(
    ("method", "flow", "status", "state", "sent", "over"),
    [
        ("INVITE", UDP, 200, State.ACCEPTED, 11, 32.0),
        ("INVITE", TCP, 200, State.ACCEPTED, 11, 32.0),
        ("INVITE", UDP, 486, State.COMPLETED, 11, 32.0),
        ("INVITE", TCP, 486, State.COMPLETED, 1, 32.0),
        ("BYE", UDP, 200, State.COMPLETED, 1, 32.0),
        ("BYE", TCP, 200, State.COMPLETED, 1, 0.0),
        ("UPDATE", UDP, 500, State.COMPLETED, 1, 32.0),
    ],
)
def test_a_final_answer_that_nobody_acknowledges(
    method: str, flow: Flow, status: int, state: State, sent: int, over: float
) -> None:
    transaction = server(method, flow)
    transaction.respond(status, b"answer", 0.0)
    assert transaction.state is state
    assert run_until_over(transaction) == (sent, over)
    assert transaction.state is State.TERMINATED


@pytest.mark.parametrize(
    ("flow", "status", "over"), [(UDP, 200, 32.0), (TCP, 200, 32.0), (UDP, 603, 6.0), (TCP, 603, 1.0)]
)
def test_an_invites_answer_that_is_acknowledged_after_a_second(flow: Flow, status: int, over: float) -> None:
    transaction = server("INVITE", flow)
    transaction.respond(status, b"answer", 0.0)
    transaction.receive_ack(1.0)
    transaction.out.clear()
    assert run_until_over(transaction) == (0, over)


def test_further_acks_do_not_lengthen_a_transaction() -> None:
    transaction = server("INVITE")
    transaction.respond(603, b"answer", 0.0)
    transaction.receive_ack(1.0)
    transaction.receive_ack(5.0)
    assert transaction.next_timer() == 6.0


def test_nothing_is_answered_twice() -> None:
    for method in ("INVITE", "BYE"):
        transaction = server(method)
        transaction.respond(200, b"answer", 0.0)
        for status in (180, 200, 486):
            with pytest.raises(Conflict):
                transaction.respond(status, b"another", 0.0)
        assert transaction.response == b"answer"


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("method", ["INVITE", "BYE"])
def test_an_ack_never_fails(method: str, state: State) -> None:
    transaction = server(method)
    transaction.state = state
    transaction.receive_ack(0.0)
    assert transaction.state in {state, State.CONFIRMED}


@pytest.mark.parametrize(
    ("method", "flow", "sent"), [("BYE", UDP, 11), ("BYE", TCP, 1), ("INVITE", UDP, 7), ("INVITE", TCP, 1)]
)
def test_a_request_of_ours_that_nobody_answers(method: str, flow: Flow, sent: int) -> None:
    transaction = client(method, flow)
    assert run_until_over(transaction) == (sent, 32.0)
    assert transaction.state is ClientState.TERMINATED


@pytest.mark.parametrize("method", ["BYE", "INVITE"])
@pytest.mark.parametrize("status", [200, 486])
def test_the_final_response_counts_once(method: str, status: int) -> None:
    transaction = client(method)
    assert transaction.receive(100, 0.1) is False
    assert transaction.receive(status, 0.2) is True
    assert transaction.receive(status, 0.3) is False
    assert transaction.receive(100, 0.3) is False


@pytest.mark.parametrize("state", ClientState)
@pytest.mark.parametrize(
    "happening", [Happening.PROVISIONAL, Happening.SUCCESS, Happening.FAILURE, Happening.TIME_OVER]
)
def test_no_move_leads_back(state: ClientState, happening: Happening) -> None:
    order = list(ClientState)
    for moves in (client_transaction.INVITE_MOVES, client_transaction.OTHER_MOVES):
        following = moves.get((state, happening))
        assert following is None or order.index(following) >= order.index(state)


def test_deadlines_come_in_order_and_move() -> None:
    timers = Timers()
    for key, at in ((("a", 1), 3.0), (("b", 2), 1.0), (("c", 3), 2.0)):
        timers.set(key, at)
    timers.set(("a", 1), 0.5)
    timers.set(("c", 3), None)
    assert timers.next() == 0.5
    assert list(timers.due(1.0)) == [("a", 1), ("b", 2)]
    assert timers.next() is None


def test_a_deadline_that_moves_forever_takes_no_more_room() -> None:
    timers = Timers()
    for moment in range(10_000):
        timers.set(("a", 1), float(moment))
    assert len(timers) == 1
    assert len(timers._heap) <= 65
