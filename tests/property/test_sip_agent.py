"""An agent that is sent anything, in any order, at any time: it lives, and forgets all of it in the end."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from callvault.errors import NotFound
from callvault.protocols.sip import events
from callvault.protocols.sip.message import parse
from tests.unit.protocols.sip.border import SDP, TCP, UDP, Border
from tests.unit.protocols.sip.messages import TORTURE

METHODS = st.sampled_from(["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO", "REGISTER"])
FIELDS = st.sampled_from(
    [
        "Supported: timer",
        "Session-Expires: 90",
        "Session-Expires: 90;refresher=uas",
        "Session-Expires: x",
        "Require: siprec",
        "Require: unheard-of",
        "Contact: <sip:a@192.0.2.9>",
        "Record-Route: <sip:192.0.2.9;lr>",
        "Record-Route: <broken",
        "Allow: UPDATE",
    ]
)
STEPS = st.one_of(
    st.tuples(st.just("ask"), METHODS, st.integers(1, 4), st.lists(FIELDS, max_size=3), st.booleans()),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("echo"), st.sampled_from(["200 OK", "481 Gone", "491 Pending", "422 Brief", "100 Trying"])),
    st.tuples(st.just("wait"), st.floats(0, 100)),
    st.tuples(st.just("bye"), st.none()),
    st.tuples(st.just("bytes"), st.sampled_from(sorted(TORTURE.values())) | st.binary(max_size=60)),
)


def ask(border: Border, method: str, number: int, fields: list[str], within: bool) -> None:
    tag = border.tag if within else ""
    border.send(border.request(method, *fields, body=SDP, cseq=number, tag=tag), TCP if number == 4 else UDP)


def answer(border: Border, kindly: bool) -> None:
    asked = [event for event in border.told if isinstance(event, events.Asked)]
    if not asked:
        return
    try:
        if kindly:
            border.agent.answer(asked[-1].transaction, border.now, content_type="application/sdp", body=SDP)
        else:
            border.agent.refuse(asked[-1].transaction, 488, border.now)
    except NotFound:
        return
    border.tag = border.tag or asked[-1].dialog


def echo(border: Border, status: str) -> None:
    """Answer whatever the agent asked last."""
    requests = [seen for seen in border.heard if not seen.status]
    if requests:
        names = ("Via", "From", "To", "Call-ID", "CSeq")
        lines = [f"SIP/2.0 {status}", *(f"{name}: {requests[-1].field(name)}" for name in names), "Min-SE: 120"]
        border.send("\r\n".join(lines).encode() + b"\r\n\r\n")


def bye(border: Border, _: None) -> None:
    asked = [event.dialog for event in border.told if isinstance(event, events.Asked)]
    if asked and border.agent.dialog(asked[-1]):
        border.agent.bye(asked[-1], border.now)


DO: dict[str, Callable[..., object]] = {
    "ask": ask,
    "answer": answer,
    "echo": echo,
    "bye": bye,
    "wait": lambda border, seconds: border.wait(seconds),
    "bytes": lambda border, data: border.send(data),
}


@given(st.lists(STEPS, max_size=25))
def test_the_agent_lives_and_forgets(steps: list[tuple[str, ...]]) -> None:
    border = Border()
    for word, *details in steps:
        DO[word](border, *details)
        for seen in border.collect():
            parse(seen.data)
    for event in border.told:
        if isinstance(event, events.Asked) and border.agent.dialog(event.dialog):
            border.agent.bye(event.dialog, border.now)
    border.wait(100_000)
    assert border.agent.transactions == border.agent.dialogs == border.agent.held_bytes == 0
    assert border.agent.next_timer() is None
