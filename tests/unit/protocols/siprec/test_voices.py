"""Labels, streams and associations are followed to the voice, and an operator is told where they do not fit."""

from __future__ import annotations

import pytest

from callvault.protocols.sdp.attributes import label_of, source_of
from callvault.protocols.sdp.description import Description
from callvault.protocols.siprec.history import History
from callvault.protocols.siprec.reading import read_document
from callvault.protocols.siprec.voices import Line, Voices, voices_of
from tests.unit.protocols.siprec.clients import DOCUMENTS, sent
from tests.unit.protocols.siprec.documents import CALL, LINES, after, document, person, sends, stream

RUTH = "+442079460101"


def voices(client: str, name: str) -> tuple[Voices, Description]:
    request = sent(client, name)
    history = History().apply(read_document(request.part("application/rs-metadata")))
    described = Description.parse(sent(client, "invite" if name == "update" else name).part("application/sdp"))
    lines = []
    for media in described.media:
        source = source_of(media)
        cname = source.cname if source else None
        lines.append(Line(label=label_of(media), cname=cname, taken=media.kind == "audio"))
    return voices_of(history, lines), described


@pytest.mark.parametrize(("client", "name"), DOCUMENTS)
def test_every_clients_caller_is_found_with_the_right_voice(client: str, name: str) -> None:
    found, described = voices(client, name)
    ruth = found.participants[0]
    assert RUTH in (ruth.address or "")
    (line,) = ruth.sends
    expected = {"metaswitch": "1", "opensips": "0", "avaya": "10", "oracle": "16777227"}.get(client, "1")
    label = label_of(described.media[line])
    assert label == expected or client == "webex"


@pytest.mark.parametrize(
    ("client", "codes"),
    [
        ("rfc7865", set()),
        ("opensips", set()),
        ("oracle", set()),
        ("broadworks", set()),
        ("audiocodes", set()),
        ("avaya", {"stream-without-id"}),
        ("cube", {"association-unknown"}),
        ("broadworks-mixed", set()),
    ],
)
def test_a_clients_oddities(client: str, codes: set[str]) -> None:
    found, _ = voices(client, "invite")
    assert {each.code for each in found.oddities} == codes
    assert all(each.sends for each in found.participants)


def test_webex_labels_that_differ_from_the_sdps_are_taken_in_their_order() -> None:
    found, _ = voices("webex", "invite")
    assert {each.code for each in found.oddities} <= {"label-unknown"}
    assert all(each.sends for each in found.participants)


def test_mixed_voices_share_a_line() -> None:
    for client in ("metaswitch", "broadworks-mixed"):
        found, _ = voices(client, "invite")
        assert [each.sends for each in found.participants] == [(0,), (0,)]


def test_a_label_that_the_sdp_does_not_have_is_told() -> None:
    found = voices_of(after(CALL, document(stream("z", "3"), mode="partial")), LINES)
    assert [each.sentence for each in found.oddities] == ["The metadata names the label 3, the SDP has only 1 and 2."]


def test_as_many_unknown_labels_as_lines_are_taken_in_their_order() -> None:
    history = after(document(person("ann"), person("bob"), stream("x", "7"), stream("y", "8"), sends("ann", "x")))
    found = voices_of(history, LINES)
    assert found.participants[0].sends == (0,)
    assert [each.code for each in found.oddities] == ["label-unknown", "label-unknown"]


def test_a_line_that_is_not_recorded_is_nobodys_voice() -> None:
    lines = (Line(label=None, taken=False), Line(label=None))
    history = after(document(person("ann"), stream("x", "7"), sends("ann", "x")))
    found = voices_of(history, lines)
    assert found.participants[0].sends == (1,)
    assert [each.code for each in found.oddities] == ["label-missing"]


def test_freeswitch_has_one_mixed_line_without_a_label() -> None:
    history = after(document(person("ann"), person("bob"), stream("x", "1"), sends("ann", "x"), sends("bob", "x")))
    found = voices_of(history, (Line(label=None),))
    assert [each.sends for each in found.participants] == [(0,), (0,)]
    assert [each.sentence for each in found.oddities] == [
        "Media line 1 has no label, so its stream is only known by its place."
    ]


def test_a_label_twice_belongs_to_the_first_line() -> None:
    found = voices_of(after(CALL), (Line(label="1"), Line(label="1"), Line(label="2")))
    assert [each.sends for each in found.participants] == [(0,), (2,)]
    assert "label-twice" in {each.code for each in found.oddities}


def test_a_label_of_which_the_metadata_says_nothing_is_told() -> None:
    found = voices_of(after(CALL), (*LINES, Line(label="3")))
    assert [each.code for each in found.oddities] == ["label-undescribed"]


def test_voices_of_which_nothing_is_said_are_nobodys() -> None:
    found = voices_of(after(document(person("ann"), person("bob"), stream("x", "1"), stream("y", "2"))), LINES)
    assert [each.sends for each in found.participants] == [(), ()]
    assert [each.code for each in found.oddities] == ["voices-untold"]


def test_a_cname_that_names_somebody_else_is_told() -> None:
    history = after(
        document(
            person("ann", "sip:ann@example.org"),
            person("bob", "sip:bob@example.org"),
            stream("x", "1"),
            stream("y", "2"),
            sends("ann", "x"),
            sends("bob", "y"),
        )
    )
    right = (Line(label="1", cname="ann@example.org"), Line(label="2", cname="something"))
    assert voices_of(history, right).oddities == ()
    wrong = (Line(label="1", cname="bob@example.org"), Line(label="2"))
    (oddity,) = voices_of(history, wrong).oddities
    assert oddity.code == "voices-crossed"
    assert "sip:ann@example.org" in oddity.sentence


def test_nothing_known_is_nobody_there() -> None:
    assert voices_of(History(), LINES) == Voices(participants=())


def test_participants_without_ids_are_told_apart_by_their_addresses() -> None:
    inner = [
        f'<participant><nameID aor="tel:{number}"/><send>{name}</send></participant>'
        for number, name in (("1", "x"), ("2", "y"))
    ]
    found = voices_of(after(document(*inner, stream("x", "1"), stream("y", "2"))), LINES)
    assert [(each.address, each.sends) for each in found.participants] == [("tel:1", (0,)), ("tel:2", (1,))]
    assert [each.code for each in found.oddities] == ["participant-without-id"]
