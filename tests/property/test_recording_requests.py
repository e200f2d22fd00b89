"""Bodies, descriptions, keys and metadata read from anything at all: values or the one promised error."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from callvault.errors import ProtocolError
from callvault.protocols.multipart import split_body
from callvault.protocols.sdp.agreement import agree
from callvault.protocols.sdp.answer import Origin, Seat, write_answer
from callvault.protocols.sdp.attributes import label_of, packet_ms_of, rtcp_place_of
from callvault.protocols.sdp.crypto import CryptoLine, crypto_of, struck_out
from callvault.protocols.sdp.description import Description, Media, Section
from callvault.protocols.siprec.headers import participants_of
from callvault.protocols.siprec.history import History
from callvault.protocols.siprec.names import names_of
from callvault.protocols.siprec.reading import read_document
from callvault.protocols.siprec.voices import Line, voices_of
from callvault.protocols.srtp_keys import KEY_BYTES, SrtpKey
from callvault.vault.media_keys import seal_media_keys, unseal_media_keys
from callvault.vault.secrets import Secrets
from tests.unit.protocols.siprec.clients import DOCUMENTS, OFFERS, sent

ORIGIN = Origin(session=1, version=1, host="192.0.2.1")
BODIES = sorted({sent(client, name).body for client, name in {*OFFERS, *DOCUMENTS}})
DESCRIPTIONS = sorted({sent(client, name).part("application/sdp") for client, name in OFFERS})
METADATA = sorted({sent(client, name).part("application/rs-metadata") for client, name in DOCUMENTS})
PIECES = st.sampled_from(
    [
        b"",
        b"\x00",
        b"\r\n",
        b"--",
        b"<",
        b">",
        b"/",
        b"&",
        b'"',
        b"a=",
        b"m=audio 1 RTP/AVP 0\r\n",
        b"99999999999",
        b":",
        b"=",
        b";",
    ]
)


@st.composite
def damaged(draw: st.DrawFn, whole: list[bytes]) -> bytes:
    """One of these with a stretch of it replaced, doubled or taken away."""
    data = draw(st.sampled_from(whole))
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 80)))
    return data[:start] + draw(PIECES | st.just(data[start:end] * 2) | st.binary(max_size=20)) + data[end:]


def answer(data: bytes) -> None:
    """Agree to whatever it offers, and look at the answer."""
    try:
        offer = Description.parse(data)
    except ProtocolError:
        return
    agreements = agree(offer)
    for media in offer.media:
        rtcp_place_of(offer, media)
        packet_ms_of(media)
    seats = {each.stream: Seat(port=20000, rtcp_port=20001) for each in agreements if each.refusal is None}
    answered = Description.parse(write_answer(agreements, seats, ORIGIN))
    assert [label_of(media) for media in answered.media] == [label_of(media) for media in offer.media]
    assert [bool(media.port) for media in answered.media] == [each.refusal is None for each in agreements]


def learn(data: bytes) -> None:
    """Apply whatever it says, twice."""
    try:
        document = read_document(data)
    except ProtocolError:
        return
    history = History().apply(document)
    assert history.apply(document).people == history.people
    lines = (Line(label="1"), Line(label="2", cname="a@b"), Line(label=None, taken=False))
    for voice in voices_of(history, lines).participants:
        assert all(0 <= line < len(lines) for line in (*voice.sends, *voice.receives))
    names_of(history, ())


@given(damaged(DESCRIPTIONS) | st.binary(max_size=200) | st.text().map(str.encode))
def test_any_description_is_answered_or_refused(data: bytes) -> None:
    answer(data)


@given(damaged(METADATA) | st.binary(max_size=200))
def test_any_metadata_is_understood_or_refused(data: bytes) -> None:
    learn(data)


@given(
    damaged(BODIES) | st.binary(max_size=200),
    st.sampled_from(["multipart/mixed;boundary=b", "multipart/mixed", "x", ""]),
)
def test_any_body_is_taken_apart_or_refused(data: bytes, content_type: str) -> None:
    try:
        parts = split_body(content_type, data)
    except ProtocolError:
        return
    for part in parts:
        answer(part.content)
        learn(part.content)


@given(
    st.lists(st.tuples(st.sampled_from(["from", "to", "x-a", "X-Cisco-Recording-Participant"]), st.text()), max_size=6)
)
def test_any_fields_are_read(fields: list[tuple[str, str]]) -> None:
    participants_of(fields)
    names_of(History(), fields)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp", "Cs")), min_size=1, max_size=8)
LINES = st.tuples(st.sampled_from("abcikoqrstuvz"), st.lists(WORDS, max_size=4).map(" ".join))
SECTIONS = st.lists(LINES, max_size=6).map(lambda lines: Section(lines=tuple(lines)))
DESCRIBED = st.builds(
    Description,
    section=st.lists(LINES, min_size=1, max_size=6).map(lambda lines: Section(lines=tuple(lines))),
    media=st.lists(
        st.builds(
            Media,
            kind=st.sampled_from(["audio", "video", "message"]),
            port=st.integers(0, 65535),
            protocol=st.sampled_from(["RTP/AVP", "RTP/SAVPF", "TCP/MSRP"]),
            formats=st.lists(st.integers(0, 127).map(str), max_size=5).map(tuple),
            section=SECTIONS,
        ),
        max_size=4,
    ).map(tuple),
)


@given(DESCRIBED)
def test_a_description_that_is_written_is_read_again(description: Description) -> None:
    assert Description.parse(description.write()) == description


@given(
    st.lists(
        st.tuples(st.sampled_from(["application/sdp", "text/x"]), st.binary(min_size=1, max_size=50)),
        min_size=1,
        max_size=5,
    )
)
def test_parts_that_are_put_together_are_taken_apart(parts: list[tuple[str, bytes]]) -> None:
    whole = [(kind, content) for kind, content in parts if content.strip()]
    if whole:
        assert [
            (part.media_type, part.content) for part in split_body('multipart/mixed;boundary="tea"', joined(whole))
        ] == whole


@st.composite
def crypto_lines(draw: st.DrawFn) -> CryptoLine:
    suite = draw(st.sampled_from(sorted(KEY_BYTES)))
    secrets = st.binary(min_size=KEY_BYTES[suite], max_size=KEY_BYTES[suite])
    lifetimes = st.none() | st.integers(1, 1 << 48)
    length = draw(st.integers(0, 128))
    identifiers = st.lists(
        st.binary(min_size=length, max_size=length), unique=True, min_size=1, max_size=4 if length else 1
    )
    keys = tuple(
        SrtpKey(suite=suite, secret=draw(secrets), mki=mki, lifetime=draw(lifetimes)) for mki in draw(identifiers)
    )
    return CryptoLine(tag=draw(st.integers(0, 999_999_999)), keys=keys)


@given(crypto_lines(), st.booleans())
def test_keys_that_are_written_are_read_again_and_struck_out(line: CryptoLine, padded: bool) -> None:
    text = f"a={line}" if padded else f"a={line}".replace("=|", "|").rstrip("=")
    assert crypto_of(Description.parse(f"m=audio 1 RTP/SAVP 0\r\n{text}\r\n".encode()).media[0]) == line
    kept = struck_out(f"v=0\r\n{text}\r\ns=-")
    assert not any(base64.b64encode(key.secret).decode().rstrip("=") in kept for key in line.keys)


@given(crypto_lines())
def test_keys_that_are_sealed_are_unsealed(line: CryptoLine) -> None:
    secrets = Secrets(b"s" * 32)
    assert unseal_media_keys(secrets, seal_media_keys(secrets, line.keys, b"n" * 12)) == line.keys


@given(st.text(alphabet="0123456789:;|^=- inlkeyAES_CM+/", max_size=120))
def test_whatever_stands_for_keys_is_keys_or_none(text: str) -> None:
    line = crypto_of(Description.parse(f"m=audio 1 RTP/SAVP 0\r\na=crypto:1 {text}\r\n".encode()).media[0])
    assert line is None or all(len(key.secret) == KEY_BYTES[line.suite] for key in line.keys)


def joined(parts: list[tuple[str, bytes]]) -> bytes:
    pieces = [f"--tea\r\nContent-Type: {kind}\r\n\r\n".encode() + content + b"\r\n" for kind, content in parts]
    return b"".join(pieces) + b"--tea--\r\n"
