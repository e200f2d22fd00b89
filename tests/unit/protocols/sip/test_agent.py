"""Calls as a border controller makes them, and what the agent says and tells."""

from __future__ import annotations

import pytest

from callvault.errors import NotFound
from callvault.protocols.sip import events
from tests.unit.protocols.sip.border import ANSWER, SDP, TCP, UDP, Border, Seen, only, respond
from tests.unit.protocols.sip.messages import TORTURE


@pytest.fixture
def border() -> Border:
    return Border()


def told(border: Border) -> list[str]:
    return [type(event).__name__ for event in border.told]


def test_a_call_from_invite_to_bye(border: Border) -> None:
    border.send(border.invite())
    assert only(border.collect()).start == "SIP/2.0 100 Trying"
    invited = border.asked()
    assert isinstance(invited, events.Invited)
    assert invited.request.body == SDP
    answer = only(border.answer())
    assert answer.status == 200
    assert answer.body == ANSWER
    assert answer.field("Contact") == "<sip:recorder@192.0.2.1:5060>;+sip.srs"
    assert "application/rs-metadata+xml" in answer.field("Accept")
    assert "siprec" in answer.field("Supported")
    assert "UPDATE" in answer.field("Allow")
    border.tag = answer.to_tag
    border.ack()
    border.send(border.request("BYE"))
    assert only(border.collect()).status == 200
    assert told(border) == ["Invited", "Acked", "Ended"]
    assert border.told[-1] == events.Ended(dialog=invited.dialog, ending=events.Ending.BYE)
    assert border.agent.dialogs == 0
    border.wait(64)
    assert border.agent.transactions == 0
    assert border.agent.held_bytes == 0
    assert border.agent.next_timer() is None


def test_every_message_of_a_call_is_handed_out_as_it_went(border: Border) -> None:
    border.establish()
    border.send(border.request("BYE"))
    border.collect()
    went = [(event.sent, Seen(event.data).start.removesuffix(" SIP/2.0")) for event in border.passed]
    assert went == [
        (False, "INVITE sip:recorder@192.0.2.1"),
        (True, "SIP/2.0 100 Trying"),
        (True, "SIP/2.0 200 OK"),
        (False, "ACK sip:recorder@192.0.2.1"),
        (False, "BYE sip:recorder@192.0.2.1"),
        (True, "SIP/2.0 200 OK"),
    ]
    assert len({event.dialog for event in border.passed}) == 1


def test_an_invite_that_comes_again_gets_the_same_answer_and_asks_nobody(border: Border) -> None:
    invite = border.invite()
    border.send(invite)
    trying = only(border.collect())
    border.send(invite)
    assert only(border.collect()) == trying
    answer = only(border.answer())
    border.send(invite)
    assert only(border.collect()) == answer
    assert told(border) == ["Invited"]


def test_an_answer_is_sent_again_until_it_is_acknowledged(border: Border) -> None:
    border.send(border.invite())
    answer = border.answer()[-1]
    assert border.wait(1.6) == [answer, answer]  # after 0.5 and 1.5 s
    border.tag = answer.to_tag
    border.ack()
    assert border.wait(60) == []
    assert told(border) == ["Invited", "Acked"]


def test_an_answer_that_got_lost_comes_again_over_tcp_too(border: Border) -> None:
    border.flow = TCP
    border.send(border.invite())
    border.collect()
    border.losing = 1
    border.answer()
    assert border.statuses(border.wait(0.6)) == [200]


def test_a_call_without_an_ack_goes_on_until_the_driver_says_otherwise(border: Border) -> None:
    border.send(border.invite())
    border.answer()
    came = border.wait(33)
    assert border.statuses(came) == [200] * 10  # at 0.5, 1.5, 3.5, 7.5, 11.5, ... 31.5 s
    assert told(border) == ["Invited", "Unacknowledged"]
    assert border.agent.dialogs == 1


def test_a_refusal_is_sent_again_until_it_is_acknowledged(border: Border) -> None:
    border.send(border.invite())
    border.collect()
    border.agent.refuse(border.asked().transaction, 503, border.now, retry_after_s=30)
    refusal = only(border.collect())
    assert refusal.status == 503
    assert refusal.field("Retry-After") == "30"
    assert border.wait(0.6) == [refusal]
    border.send(border.request("ACK", cseq=border.cseq, branch=f"INVITE-{border.cseq}", tag=refusal.to_tag))
    assert border.wait(60) == []
    assert border.agent.transactions == 0
    assert border.agent.dialogs == 0


def test_a_refusal_that_nobody_acknowledges_is_given_up(border: Border) -> None:
    border.send(border.invite())
    border.agent.refuse(border.asked().transaction, 403, border.now)
    border.wait(100)
    assert border.agent.transactions == 0
    assert told(border) == ["Invited"]


def test_an_invite_that_is_taken_back(border: Border) -> None:
    border.send(border.invite())
    cancel = border.request("CANCEL", cseq=border.cseq, branch=f"INVITE-{border.cseq}")
    border.send(cancel)
    assert [(seen.status, seen.method) for seen in border.collect()] == [
        (100, "INVITE"),
        (200, "CANCEL"),
        (487, "INVITE"),
    ]
    border.send(cancel)
    assert only(border.collect()).method == "CANCEL"
    assert border.told[-1] == events.Cancelled(dialog=border.asked().dialog, late=False)
    with pytest.raises(NotFound):
        border.agent.answer(border.asked().transaction, border.now)


def test_a_cancel_that_comes_after_the_answer_changes_nothing(border: Border) -> None:
    border.establish()
    border.send(border.request("CANCEL", cseq=border.cseq, branch=f"INVITE-{border.cseq}", tag=""))
    assert only(border.collect()).status == 200
    assert border.agent.dialogs == 1
    assert told(border) == ["Invited", "Acked"]


def test_a_cancel_that_fits_nothing(border: Border) -> None:
    border.send(border.request("CANCEL"))
    assert only(border.collect()).status == 481


def test_an_invite_that_waits_too_long_for_its_answer_is_refused(border: Border) -> None:
    border.send(border.invite())
    border.collect()
    refusal = border.wait(8)[0]
    assert refusal.status == 503
    assert refusal.field("Retry-After") == "10"
    assert border.told[-1] == events.Cancelled(dialog=border.asked().dialog, late=True)


def test_an_offer_that_comes_late_is_answered_in_the_ack(border: Border) -> None:
    border.send(border.request("INVITE"))
    border.tag = border.answer()[-1].to_tag
    border.send(border.request("ACK", "Content-Type: application/sdp", cseq=1, branch="ack", body=SDP))
    acked = border.told[-1]
    assert isinstance(acked, events.Acked)
    assert acked.request.body == SDP


def test_changes_within_a_call(border: Border) -> None:
    border.establish()
    border.send(border.invite())
    assert isinstance(border.asked(), events.Reinvited)
    assert border.answer()[-1].status == 200
    border.ack()
    border.send(border.request("UPDATE", "Content-Type: application/rs-metadata+xml", body=b"<recording/>"))
    updated = border.asked()
    assert isinstance(updated, events.Updated)
    assert updated.request.body == b"<recording/>"
    border.agent.answer(updated.transaction, border.now)
    answer = only(border.collect())
    assert answer.status == 200
    assert answer.body == b""
    border.send(border.request("INFO", "X-AC-Action: start-siprec"))
    informed = border.asked()
    assert isinstance(informed, events.Informed)
    border.agent.answer(informed.transaction, border.now)
    assert only(border.collect()).field("Contact") == ""


def test_two_re_invites_back_to_back_the_first_never_acknowledged(border: Border) -> None:
    """OpenSIPS sends hold and resume so; a BYE would end a good recording."""
    border.establish()
    for _ in range(2):
        border.send(border.invite())
        assert border.answer()[-1].status == 200
    border.ack()
    border.wait(60)
    assert border.agent.dialogs == 1
    assert [seen for seen in border.heard if not seen.status] == []


def test_a_re_invite_before_the_first_is_answered_has_to_wait(border: Border) -> None:
    border.establish()
    border.send(border.invite())
    border.collect()
    border.send(border.invite())
    refusal = border.collect()[-1]
    assert refusal.status == 500
    assert 0 <= int(refusal.field("Retry-After")) <= 10


def test_a_request_that_was_overtaken_is_refused(border: Border) -> None:
    border.establish()
    border.cseq = 9
    border.send(border.invite())
    border.answer()
    border.ack()
    border.send(border.request("UPDATE", cseq=5))
    assert border.collect()[-1].status == 500


def test_hanging_up_from_our_side(border: Border) -> None:
    border.establish()
    dialog = border.asked().dialog
    border.agent.bye(dialog, border.now)
    bye = only(border.collect())
    assert bye.start == "BYE sip:border@192.0.2.7:5060 SIP/2.0"
    assert bye.to_tag == "border"
    assert border.wait(0.6) == [bye]
    border.send(respond(bye, "200 OK"))
    assert border.wait(60) == []
    assert border.agent.transactions == 0
    assert border.told[-1] == events.Ended(dialog=dialog, ending=events.Ending.HUNG_UP)
    with pytest.raises(NotFound):
        border.agent.bye(dialog, border.now)


def test_a_bye_that_nobody_answers_is_given_up(border: Border) -> None:
    border.establish()
    border.agent.bye(border.asked().dialog, border.now)
    assert len(border.wait(100)) == 11
    assert border.agent.transactions == 0


def test_a_ping_is_answered_and_forgotten(border: Border) -> None:
    ping = border.request("OPTIONS")
    border.send(ping)
    answer = only(border.collect())
    assert answer.status == 200
    assert "siprec" in answer.field("Supported")
    assert border.told == [events.Pinged(flow=UDP)]
    assert border.agent.transactions == 0
    border.send(ping)
    assert only(border.collect()) == answer


@pytest.mark.parametrize(
    "name", ["lwsdisp", "semiuri", "transports", "badaspec", "baddn", "badbranch", "zeromf", "trws"]
)
def test_strange_pings_are_answered_too(border: Border, name: str) -> None:
    border.send(TORTURE[name])
    assert only(border.collect()).status == 200


def test_a_copy_of_an_invite_that_came_by_another_way_is_a_loop(border: Border) -> None:
    border.send(border.invite())
    border.collect()
    border.send(border.invite(cseq=1, branch="elsewhere"))
    assert only(border.collect()).status == 482


def test_an_invite_that_was_refused_may_be_tried_again_with_the_same_number(border: Border) -> None:
    border.send(border.invite())
    border.agent.refuse(border.asked().transaction, 503, border.now)
    border.collect()
    border.send(border.invite(cseq=1, branch="again"))
    assert only(border.collect()).status == 100
    assert border.answer()[-1].status == 200


@pytest.mark.parametrize(
    ("name", "status", "field", "value"),
    [
        ("bext01", 420, "Unsupported", "nothingSupportsThis, nothingSupportsThisEither"),
        ("unkscm", 416, "To", "sip:user@example.com"),
        ("novelsc", 416, "Call-ID", "novelsc.asdfasser0q239nwsdfasdkl34"),
        ("escnull", 405, "Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO"),
        ("intmeth", 405, "Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO"),
        ("mpart01", 405, "Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO"),
        ("ncl", 400, "CSeq", "0 INVITE"),
        ("badvers", 505, "CSeq", "1 OPTIONS"),
        ("mismatch01", 400, "CSeq", "8 INVITE"),
        ("insuf", 400, "Via", "SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf;received=192.0.2.7"),
        ("quotbal", 400, "From", "sip:caller@example.net;tag=93334"),
    ],
)
def test_what_is_refused_says_why(border: Border, name: str, status: int, field: str, value: str) -> None:
    border.send(TORTURE[name])
    refusal = only(border.collect())
    assert refusal.status == status
    assert refusal.field(field).partition(";tag=tag")[0].startswith(value) or value in refusal.field(field)
    refused = border.told[-1]
    assert isinstance(refused, events.Refused)
    assert refused.status == status
    assert border.agent.transactions == 0


@pytest.mark.parametrize("name", sorted(TORTURE))
def test_no_torture_message_leaves_anything_behind(border: Border, name: str) -> None:
    border.send(TORTURE[name])
    for event in border.told:
        if isinstance(event, events.Asked):
            border.agent.refuse(event.transaction, 488, border.now)
    border.wait(200)
    assert border.agent.transactions == border.agent.dialogs == border.agent.held_bytes == 0


def test_a_client_older_than_rfc_3261_makes_a_call(border: Border) -> None:
    invite = TORTURE["inv2543"]
    border.send(invite)
    border.collect()
    border.send(invite)
    assert border.statuses(border.collect()) == [100]
    answer = only(border.answer())
    assert answer.status == 200
    ack = invite.replace(b"INVITE sip", b"ACK sip").replace(b"56 INVITE", b"56 ACK")
    border.send(ack.replace(b"user=phone\r\nCall-ID", b"user=phone;tag=" + answer.to_tag.encode() + b"\r\nCall-ID"))
    assert told(border) == ["Invited", "Acked"]
    assert border.wait(60) == []


@pytest.mark.parametrize("method", ["BYE", "UPDATE", "INFO", "INVITE", "OPTIONS"])
def test_requests_of_no_dialog(border: Border, method: str) -> None:
    border.send(border.request(method, tag="nobody"))
    assert only(border.collect()).status == 481


def test_an_ack_of_nothing_is_nothing(border: Border) -> None:
    border.send(border.request("ACK", tag="nobody"))
    assert border.collect() == []
    assert border.told == []


def test_another_callers_tags_do_not_reach_a_call(border: Border) -> None:
    border.establish()
    border.send(border.request("BYE").replace(b"tag=border", b"tag=stranger"))
    assert only(border.collect()).status == 481
    border.send(border.request("BYE").replace(b"call-1", b"call-2"))
    assert only(border.collect()).status == 481
    assert border.agent.dialogs == 1


def test_answers_go_where_the_topmost_via_says(border: Border) -> None:
    behind_nat = UDP.to("198.51.100.9", 33333)
    border.send(border.request("OPTIONS").replace(b";branch", b";rport;branch"), behind_nat)
    ((data, flow),) = border.agent.to_send()
    assert (flow.host, flow.port) == ("198.51.100.9", 33333)
    assert "rport=33333" in Seen(data).field("Via")
    assert "received=198.51.100.9" in Seen(data).field("Via")
    border.send(border.request("OPTIONS"), behind_nat)
    ((_, flow),) = border.agent.to_send()
    assert (flow.host, flow.port) == ("198.51.100.9", 5060)
    border.send(border.request("OPTIONS"), TCP)
    ((_, flow),) = border.agent.to_send()
    assert flow == TCP


def test_a_client_that_uses_one_branch_for_everything_is_understood(border: Border) -> None:
    border.send(border.invite(branch="always"))
    border.tag = border.answer()[-1].to_tag
    border.send(border.request("ACK", cseq=1, branch="always"))
    border.send(border.invite(branch="always"))
    assert isinstance(border.asked(), events.Reinvited)
    border.answer()
    border.send(border.request("ACK", cseq=2, branch="always"))
    assert told(border) == ["Invited", "Acked", "Reinvited", "Acked"]
