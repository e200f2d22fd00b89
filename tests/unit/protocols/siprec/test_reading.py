"""Metadata in every vendor's spelling becomes the same values; what is no metadata is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callvault.errors import ProtocolError
from callvault.protocols.siprec.metadata import NAMESPACE, Mode
from callvault.protocols.siprec.reading import read_document
from tests.unit.protocols.siprec.clients import CLIENTS, DOCUMENTS, sent
from tests.unit.protocols.siprec.documents import document

NUMBER = "+442079460101"

DRAFT_NAMESPACE = "urn:ietf:params:xml:ns:recording"
"""Of the drafts before RFC 7865: Oracle, Metaswitch, AudioCodes, Ribbon."""
EARLY_NAMESPACE = "urn:ietf:params:xml:ns:siprec"
"""Of the earliest drafts: BroadWorks, Webex."""


@pytest.mark.parametrize(("client", "name"), DOCUMENTS)
def test_every_clients_metadata_names_participants_and_streams(client: str, name: str) -> None:
    read = read_document(sent(client, name).part("application/rs-metadata"))
    assert read.mode is Mode.COMPLETE
    assert read.namespace in {NAMESPACE, DRAFT_NAMESPACE, EARLY_NAMESPACE}
    assert not read.mended
    assert any(NUMBER in address for address in read.people[0].addresses)
    assert all(person.id and person.addresses for person in read.people)
    assert all(stream.label for stream in read.streams)
    assert read.links[0].sends
    assert read.sessions[0].id


def test_a_clients_parameters_are_kept_by_name() -> None:
    found = {}
    for client in CLIENTS:
        if (client, "parameters") in DOCUMENTS:
            read = read_document(sent(client, "parameters").part("application/rs-metadata"))
            sources = [read.extensions, *(each.extensions for each in read.sessions)]
            sources += [each.extensions for each in read.people]
            found[client] = next((name for source in sources for name in source if source[name] == "4711 <new>"), None)
    assert found == {
        "audiocodes": "case",
        "avaya": None,  # has no place for them
        "broadworks": "broadWorksRecordingMetadata.case",
        "broadworks-mixed": "broadWorksRecordingMetadata.case",
        "cube": None,
        "jambonz": "case",
        "metaswitch": None,
        "opensips": None,
        "oracle": "header.case",
        "rfc7865": "case",
        "ribbon": None,
        "telnyx": "case",
        "twilio": "case",
        "webex": "broadWorksRecordingMetadata.case",
    }


def test_prefixes_do_not_matter() -> None:
    plain = document('<participant participant_id="p"><nameID aor="sip:a@b"><name>Ann</name></nameID></participant>')
    text = plain.decode().replace("<recording xmlns", "<x:recording xmlns:x").replace("</recording", "</x:recording")
    for name in ("datamode", "participant", "nameID"):
        text = text.replace(f"<{name}", f"<x:{name}").replace(f"</{name}", f"</x:{name}")
    assert read_document(text.encode()).people == read_document(plain).people


def test_a_document_may_have_white_space_and_marks_around_it() -> None:
    data = b'\xef\xbb\xbf\r\n<?xml version="1.0" encoding="UTF-8"?> \n' + document() + b"\r\n\x00"
    assert read_document(data) == read_document(document())


def test_what_is_nearly_xml_is_mended() -> None:
    read = read_document(b'<recording><participant id="p"><nameID aor="tel:1"/></participant><apkt:ucid>7</apkt:ucid>')
    assert read.mended
    assert read.people[0].addresses == ("tel:1",)
    assert read.extensions == {"ucid": "7"}


def test_latin_1_that_claims_to_be_utf_8_loses_no_call() -> None:
    data = document('<participant id="p"><nameID aor="tel:1"><name>S\xf8ren</name></nameID></participant>')
    read = read_document(b'<?xml version="1.0" encoding="UTF-8"?>' + data.decode().encode("latin-1"))
    assert read.mended
    assert read.people[0].id == "p"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"v=0",
        b"<a",
        b"<session/>",
        b'<!DOCTYPE recording [<!ENTITY a "b">]><recording>&a;</recording>',
        b'<!DOCTYPE recording SYSTEM "file:///etc/passwd"><recording/>',
        b"<recording>" + b" " * (1 << 20) + b"</recording>",
        b"<recording>" + b"<stream/>" * 501 + b"</recording>",
    ],
)
def test_what_is_no_metadata_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        read_document(data)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-03-01T09:00:02Z", datetime(2026, 3, 1, 9, 0, 2, tzinfo=UTC)),
        ("2026-03-01T09:00:02", datetime(2026, 3, 1, 9, 0, 2, tzinfo=UTC)),
        ("2026-03-01T10:00:02+0100", datetime(2026, 3, 1, 9, 0, 2, tzinfo=UTC)),
        ("2026-03-01T09:00:02.040Z", datetime(2026, 3, 1, 9, 0, 2, 40_000, tzinfo=UTC)),
        ("yesterday", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("", None),
    ],
)
def test_times_are_read_with_or_without_a_zone(said: str, moment: datetime | None) -> None:
    read = read_document(document(f'<session session_id="s"><start-time>{said}</start-time></session>'))
    assert read.sessions[0].began_at == moment


def test_an_end_that_cannot_be_read_is_an_end() -> None:
    end = "<disassociate-time>now</disassociate-time>"
    inner = f'<participantsessionassoc participant_id="p">{end}</participantsessionassoc>'
    assert read_document(document(inner)).presences[0].left_at is not None


def test_a_partial_document_says_so() -> None:
    assert read_document(document(mode=" Partial ")).mode is Mode.PARTIAL
    assert read_document(b"<recording/>").mode is Mode.COMPLETE


def test_extensions_lie_flat() -> None:
    inner = """<session session_id="s"><sipSessionID>x</sipSessionID><reason>r</reason>
      <extensiondata xmlns:v="urn:v"><v:ucid>1</v:ucid><v:header label="A"><v:value>2</v:value></v:header>
        <v:deep><v:er><v:est>3</v:est></v:er></v:deep><v:empty/><v:ucid>again</v:ucid></extensiondata>
      <parameters><parameter name="p">4</parameter><Parameter><Name>q</Name><Value>5</Value></Parameter></parameters>
    </session>"""
    read = read_document(document(inner))
    assert read.sessions[0].extensions == {"ucid": "1", "header.A": "2", "deep.er.est": "3", "p": "4", "q": "5"}
    assert read.sessions[0].reason == "r"
