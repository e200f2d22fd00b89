"""The recorded call's ids, its direction and what else was said of it, wherever a vendor puts it."""

from __future__ import annotations

import pytest

from callvault.protocols.siprec.headers import participants_of
from callvault.protocols.siprec.history import History
from callvault.protocols.siprec.names import CallNames, names_of
from callvault.protocols.siprec.reading import read_document
from callvault.protocols.spool.journal import Participant
from tests.unit.protocols.siprec.clients import sent
from tests.unit.protocols.siprec.documents import after, document

RECORDED = "7f3a9c21d0@192.0.2.44"


def names(client: str, name: str = "invite") -> CallNames:
    request = sent(client, name)
    history = History()
    for part in request.parts:
        if part.media_type.startswith("application/rs-metadata"):
            history = history.apply(read_document(part.content))
    return names_of(history, request.headers)


@pytest.mark.parametrize(
    "client", ["opensips", "oracle", "broadworks", "webex", "ribbon", "telnyx", "twilio", "jambonz", "cube", "rfc7865"]
)
def test_the_recorded_calls_id_is_found(client: str) -> None:
    assert names(client).sip_call_id == RECORDED


@pytest.mark.parametrize(
    ("client", "session_id"),
    [
        ("opensips", RECORDED),
        ("oracle", "73657373696F6E73657373"),
        ("avaya", "00FA73657373696F6E7365"),
        ("metaswitch", "c2Vzc2lvbnNlc3Npb25zZQ=="),
        ("audiocodes", "a1c8f0e2b7"),
        ("cube-without-siprec", "7562611"),
    ],
)
def test_the_sessions_id_is_found(client: str, session_id: str) -> None:
    assert names(client).session_id == session_id


def test_the_direction_is_what_the_client_says() -> None:
    assert names("jambonz").direction == "inbound"
    assert names("broadworks").direction == "outbound"
    assert names("opensips").direction is None


def test_a_session_id_of_rfc_7989_is_no_call_id() -> None:
    said = f"{'ab' * 16};remote={'cd' * 16}"
    history = after(document(f'<session session_id="s"><sipSessionID>{said}</sipSessionID></session>'))
    assert names_of(history, ()) == CallNames(session_id="ab" * 16, sip_call_id=None)


def test_a_universal_call_id_names_the_session() -> None:
    inner = '<session session_id="s"><AvayaUCID xmlns="urn:ietf:params:xml:ns:Avaya"> FA08 </AvayaUCID></session>'
    assert names_of(after(document(inner)), ()).session_id == "FA08"
    assert names_of(History(), (("User-to-User", "00FA08;encoding=hex"),)).session_id == "00FA08"


def test_headers_that_were_added_are_kept_by_name() -> None:
    assert names("telnyx", "parameters").extras["X-case"] == "4711 <new>"
    assert names("twilio").extras["X-Twilio-CallSid"].startswith("CA")
    assert names("avaya").extras["User-to-User"].endswith(";encoding=hex")
    assert names_of(History(), (("X-A", "1"), ("x-a", "2"), ("Via", "3"))).extras == {"X-A": "1, 2"}


def test_a_conference_is_named_by_a_header_or_by_the_metadata() -> None:
    assert names_of(History(), (("X-Conference-ID", "4711"),)).conference == "4711"
    inner = '<session session_id="s"><conferenceName xmlns="urn:example">Monday</conferenceName></session>'
    assert names_of(after(document(inner)), ()).conference_name == "Monday"
    group = '<group group_id="g"/><session session_id="s"><group-ref>g</group-ref></session>'
    assert names_of(after(document(group)), ()).conference is None


def test_what_was_said_of_participants_is_kept_with_them() -> None:
    extras = names("oracle", "parameters").extras
    assert extras["header.case"] == "4711 <new>"
    assert extras["participants"]["sip:+442079460101@example.org"]["realm"] == "access"
    assert "realm" not in extras


def test_nothing_said_is_nothing_known() -> None:
    assert names_of(History(), ()) == CallNames()


def test_cisco_names_participants_in_a_field_of_its_own() -> None:
    assert participants_of(sent("cube-forking", "invite").headers) == (
        Participant(id="0 sip:+442079460101@example.org", address="sip:+442079460101@example.org", sends=(0,)),
        Participant(id="1 sip:2001@pbx.example.net", address="sip:2001@pbx.example.net", sends=(1,)),
    )


def test_cisco_names_both_ends_in_from() -> None:
    headers = sent("cube-without-siprec", "invite").headers
    near = Participant(id="nearend", address="+442079460101", sends=(0,))
    assert participants_of(headers) == (near, Participant(id="farend", address="2001", receives=(0,)))
    far = tuple((name, value.replace(";x-nearend;", ";x-farend;")) for name, value in headers)
    assert [each.sends for each in participants_of(far)] == [(), (0,)]


def test_from_and_to_are_all_that_others_have() -> None:
    fields = (("To", "<sip:rec@192.0.2.1>"), ("From", '"Ann \\"A\\" Lee" <sip:ann@example.org>;tag=1'))
    assert participants_of(fields) == (
        Participant(id="from", address="sip:ann@example.org", name='Ann \\"A\\" Lee'),
        Participant(id="to", address="sip:rec@192.0.2.1"),
    )
    assert participants_of(()) == ()
