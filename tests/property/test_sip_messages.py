"""SIP read from anything at all: a message or the one promised error, and round trips of what is well formed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callvault.errors import ProtocolError
from callvault.protocols.sip.address import Address
from callvault.protocols.sip.digest import Credentials
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.framing import StreamFramer
from callvault.protocols.sip.grammar import Parameters, decode, encode, quotation, quoted
from callvault.protocols.sip.headers import Headers
from callvault.protocols.sip.message import BadMessage, Request, parse, write
from callvault.protocols.sip.session_timer import agree
from callvault.protocols.sip.uri import Uri
from callvault.protocols.sip.via import Via
from tests.unit.protocols.sip.messages import TORTURE

TOKENS = st.text("abcXYZ019-.!%*_+`'~", min_size=1, max_size=12)
VALUES = st.binary(max_size=40).map(lambda data: decode(data).replace("\r", "").replace("\n", "").strip())
NAMES = TOKENS.filter(lambda name: name.lower() not in {"l", "content-length"})


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """One of the torture messages with a stretch of it replaced, doubled or taken away."""
    wire = draw(st.sampled_from(sorted(TORTURE.values())))
    start = draw(st.integers(0, len(wire)))
    end = draw(st.integers(start, min(len(wire), start + 60)))
    return (
        wire[:start] + draw(st.sampled_from([b"", wire[start:end] * 2, b'"', b"<", b"\x00"]) | st.binary()) + wire[end:]
    )


@given(damaged() | st.binary(max_size=200))
def test_whatever_comes_is_a_message_or_a_protocol_error(data: bytes) -> None:
    hint: int | None = None
    try:
        message = parse(data)
        Essentials.of(message)
        agree(message.headers)
        for contact in message.headers.listed("contact"):
            Address.parse(contact).place()
        for credentials in message.headers.all("authorization"):
            Credentials.parse(credentials)
    except ProtocolError as error:
        hint = error.hint
    assert hint is None or 400 <= hint <= 599


@given(damaged() | st.binary(max_size=200), st.integers(1, 50))
def test_a_stream_is_cut_the_same_however_it_arrives(data: bytes, size: int) -> None:
    def cut(step: int) -> tuple[list[object], bool]:
        framer, pieces = StreamFramer(), []
        try:
            for start in range(0, len(data), step):
                pieces += framer.receive(data[start : start + step])
        except BadMessage:
            return list(pieces), True
        return list(pieces), False

    whole, failed_whole = cut(max(1, len(data)))
    parts, failed_parts = cut(size)
    assert failed_whole == failed_parts
    # What came before the fault is handed out only where it came earlier
    assert parts == whole if not failed_whole else parts[: len(whole)] == whole


@given(TOKENS, st.lists(st.tuples(NAMES, VALUES), max_size=8), st.binary(max_size=80))
def test_what_is_written_is_read_again(method: str, fields: list[tuple[str, str]], body: bytes) -> None:
    sent = Request(method=method, uri="sip:a@b", headers=Headers(fields=tuple(fields)), body=body)
    read = parse(write(sent))
    assert isinstance(read, Request)
    assert (read.method, read.uri, read.body) == (method, "sip:a@b", body)
    assert read.headers.fields[:-1] == sent.headers.fields


@given(st.binary())
def test_no_byte_is_lost_between_bytes_and_text(data: bytes) -> None:
    assert encode(decode(data)) == data


@given(st.text())
def test_quotations_come_back(text: str) -> None:
    assert quotation(quoted(text), "it") == (text, "")


@given(st.lists(st.tuples(TOKENS, st.none() | TOKENS | st.text().map(quoted)), max_size=6))
def test_parameters_come_back(pairs: list[tuple[str, str | None]]) -> None:
    parameters = Parameters(pairs=tuple(pairs))
    assert Parameters.parse(str(parameters)) == parameters


@given(st.text(max_size=60))
def test_small_values_are_read_or_refused_and_nothing_else(text: str) -> None:
    for read in (Address.parse, Uri.parse, Via.parse, Credentials.parse):
        try:
            value = read(text)
        except ProtocolError:
            continue
        if isinstance(value, Via):
            assert Via.parse(str(value)) == value
