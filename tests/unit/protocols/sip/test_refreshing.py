"""Session timers at work, glare, and dialogs that a successor takes over."""

from __future__ import annotations

import json

import pytest

from callvault.protocols.sip import events
from callvault.protocols.sip.dialog import LEAP, Dialog
from callvault.protocols.sip.session_timer import SessionTimer
from tests.unit.protocols.sip.border import ANSWER, TCP, Border, Seen, an_agent, only, respond

KNOWS = ("Supported: timer", "Session-Expires: 1800;refresher=uas")


@pytest.fixture
def border() -> Border:
    return Border()


def dialog_of(border: Border) -> Dialog:
    dialog = border.agent.dialog(border.asked().dialog)
    assert dialog is not None
    return dialog


def test_a_client_that_refreshes_keeps_its_call(border: Border) -> None:
    answer = border.establish("Supported: timer", "Session-Expires: 1800")
    assert answer.field("Session-Expires") == "1800;refresher=uac"
    assert answer.field("Require") == "timer"
    border.wait(900)
    border.send(border.request("UPDATE", "Supported: timer", "Session-Expires: 1800;refresher=uac"))
    border.agent.answer(border.asked().transaction, border.now)
    border.collect()
    border.wait(1767)
    assert not any(isinstance(event, events.Expired) for event in border.told)
    border.wait(2)
    assert border.told[-1] == events.Expired(dialog=border.asked().dialog)
    assert border.agent.dialogs == 1


def test_we_refresh_by_update_where_the_client_takes_it(border: Border) -> None:
    border.establish(*KNOWS, "Allow: INVITE, ACK, BYE, UPDATE")
    update = only(border.wait(901)[:1])
    assert update.start.startswith("UPDATE ")
    assert update.field("Session-Expires") == "1800;refresher=uac"
    assert update.body == b""
    border.send(respond(update, "200 OK", "Session-Expires: 600;refresher=uac"))
    assert dialog_of(border).timer == SessionTimer(seconds=600, we_refresh=True)
    border.wait(298)
    assert border.collect() == []
    assert border.wait(3)[0].start.startswith("UPDATE ")


def test_we_refresh_by_re_invite_where_the_client_knows_no_update(border: Border) -> None:
    border.establish(*KNOWS, "Allow: INVITE, ACK, BYE")
    invite = only(border.wait(900.2))
    assert invite.start.startswith("INVITE ")
    assert invite.body == ANSWER
    border.send(respond(invite, "100 Trying"))
    assert border.wait(10) == []
    ok = respond(invite, "200 OK", "Contact: <sip:border@192.0.2.7:5060>", "Session-Expires: 1800;refresher=uac")
    border.send(ok)
    ack = only(border.collect())
    assert ack.start.startswith("ACK ")
    assert ack.field("CSeq").split()[0] == invite.field("CSeq").split()[0]
    border.send(ok)
    assert only(border.collect()) == ack


def test_requests_that_cross_are_told_to_wait(border: Border) -> None:
    border.establish(*KNOWS, "Allow: INVITE, ACK, BYE")
    ours = only(border.wait(900.2))
    border.send(border.invite())
    assert border.collect()[-1].status == 491
    border.send(respond(ours, "491 Request Pending"))
    ack = only(border.collect())
    assert ack.start.startswith("ACK ")
    assert ack.field("Via") == ours.field("Via")
    (again,) = [seen for seen in border.wait(1.2) if not seen.status]
    assert again.start.startswith("INVITE ")
    assert int(again.field("CSeq").split()[0]) > int(ours.field("CSeq").split()[0])


def test_an_interval_that_the_client_finds_too_brief_is_lengthened(border: Border) -> None:
    border.establish("Supported: timer", "Session-Expires: 90;refresher=uas", "Allow: UPDATE")
    update = border.wait(46)[0]
    border.send(respond(update, "422 Session Interval Too Small", "Min-SE: 300"))
    assert border.wait(0.1)[0].field("Session-Expires") == "300;refresher=uac"


def test_a_client_that_does_not_know_the_call_any_more_has_ended_it(border: Border) -> None:
    border.establish(*KNOWS, "Allow: UPDATE")
    update = border.wait(901)[0]
    border.send(respond(update, "481 Call/Transaction Does Not Exist"))
    assert border.told[-1] == events.Ended(dialog=border.asked().dialog, ending=events.Ending.GONE)
    assert border.agent.dialogs == 0


def test_a_refresh_that_nobody_answers_leaves_the_call_to_the_driver(border: Border) -> None:
    border.establish(*KNOWS, "Allow: UPDATE")
    border.wait(933)
    assert border.told[-1] == events.Expired(dialog=border.asked().dialog)
    assert border.agent.dialogs == 1


def test_a_method_that_the_client_refuses_is_a_sign_of_life(border: Border) -> None:
    border.establish(*KNOWS)
    request = border.wait(900.2)[0]
    border.send(respond(request, "501 Not Implemented"))
    border.collect()
    assert not any(isinstance(event, events.Expired) for event in border.told)
    assert [seen for seen in border.wait(800) if not seen.status and seen.method != "ACK"] == []


def test_an_interval_below_the_shortest_is_refused_with_the_shortest(border: Border) -> None:
    border.send(border.invite("Supported: timer", "Session-Expires: 30"))
    refusal = border.collect()[-1]
    assert refusal.status == 422
    assert refusal.field("Min-SE") == "90"
    assert border.told == []


def test_a_successor_answers_what_comes_next_in_a_call(border: Border) -> None:
    border.establish("Record-Route: <sip:192.0.2.99;lr>")
    kept = json.loads(json.dumps(dialog_of(border).document()))
    successor = Border(agent=an_agent(), tag=border.tag, cseq=border.cseq, call=border.call)
    successor.agent.restore(Dialog.read(kept), 5000.0)
    successor.now = 5000.0
    successor.send(successor.invite())
    assert isinstance(successor.asked(), events.Reinvited)
    assert successor.answer()[-1].status == 200
    successor.ack()
    successor.agent.bye(successor.asked().dialog, successor.now)
    ((data, flow),) = successor.agent.to_send()
    bye = Seen(data)
    assert int(bye.field("CSeq").split()[0]) > LEAP
    assert bye.field("Route") == "<sip:192.0.2.99;lr>"
    assert bye.start == "BYE sip:border@192.0.2.7:5060 SIP/2.0"
    assert (flow.host, flow.port) == ("192.0.2.99", 5060)


def test_a_dialog_is_kept_whatever_bytes_its_client_sends(border: Border) -> None:
    border.send(border.invite().replace(b"<sip:border@192.0.2.7>", b'"\xff\xfeJos\xe9 \xc3\xa9" <sip:b@192.0.2.7>'))
    border.answer()
    dialog = dialog_of(border)
    kept = Dialog.read(json.loads(json.dumps(dialog.document()).encode()))
    assert kept.remote == dialog.remote
    assert b"\xff\xfeJos\xe9 \xc3\xa9" in border.heard[-1].data


def test_a_successor_is_hung_up_on(border: Border) -> None:
    border.establish(*KNOWS)
    successor = Border(agent=an_agent(), tag=border.tag, cseq=border.cseq, call=border.call)
    successor.agent.restore(Dialog.read(dialog_of(border).document()), 0.0)
    successor.send(successor.request("BYE"))
    assert only(successor.collect()).status == 200
    assert successor.agent.dialogs == 0


def test_a_strict_router_is_put_into_the_request_uri(border: Border) -> None:
    border.establish("Record-Route: <sip:192.0.2.99>, <sip:192.0.2.98;lr>")
    border.agent.bye(border.asked().dialog, border.now)
    bye = only(border.collect())
    assert bye.start == "BYE sip:192.0.2.99 SIP/2.0"
    assert [line for line in bye.data.decode().split("\r\n") if line.startswith("Route: ")] == [
        "Route: <sip:192.0.2.98;lr>",
        "Route: <sip:border@192.0.2.7:5060>",
    ]


def test_a_hop_that_cannot_be_read_is_left_out(border: Border) -> None:
    border.establish("Record-Route: <broken", "Record-Route: <sip:192.0.2.98;lr>")
    assert dialog_of(border).routes == ("<sip:192.0.2.98;lr>",)
    border.agent.bye(border.asked().dialog, border.now)
    assert only(border.collect()).field("Route") == "<sip:192.0.2.98;lr>"


def test_the_target_moves_with_re_invites(border: Border) -> None:
    border.establish()
    border.send(
        border.invite().replace(b"Contact: <sip:border@192.0.2.7:5060>", b"Contact: <sip:moved@192.0.2.8:5070>")
    )
    border.answer()
    border.ack()
    border.agent.bye(border.asked().dialog, border.now)
    border.collect()
    assert border.heard[-1].start == "BYE sip:moved@192.0.2.8:5070 SIP/2.0"


def test_requests_of_ours_go_back_over_the_connection_that_theirs_came_by() -> None:
    border = Border(flow=TCP)
    border.establish()
    border.agent.bye(border.asked().dialog, border.now)
    ((data, flow),) = border.agent.to_send()
    assert flow.connection == TCP.connection
    assert (flow.host, flow.port) == ("192.0.2.7", 5060)  # where to connect to, should the connection be gone
    assert Seen(data).field("Via").startswith("SIP/2.0/TCP 192.0.2.1:5060;")


def test_what_goes_to_a_name_goes_where_the_last_request_came_from(border: Border) -> None:
    border.send(border.invite().replace(b"Contact: <sip:border@192.0.2.7:5060>", b"Contact: <sip:sbc.example.net>"))
    border.tag = border.answer()[-1].to_tag
    border.ack()
    border.agent.bye(border.asked().dialog, border.now)
    ((_, flow),) = border.agent.to_send()
    assert (flow.host, flow.port) == ("192.0.2.7", 5060)
