"""Where streams come in, and what their URLs say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.capture.streams.places import Address, read_address, read_places
from callvault.errors import NotOffered, OperatorError
from callvault.protocols.media_streams.events import Vendor


def test_places() -> None:
    first, second = read_places("ws:127.0.0.1:8089 WSS:[::]:8443")
    assert (str(first), first.scheme, str(second), second.secure) == ("ws:127.0.0.1:8089", "ws", "wss:[::]:8443", True)
    assert read_places("") == ()


@pytest.mark.parametrize(
    "word", ["127.0.0.1:80", "ws:localhost:80", "ws:127.0.0.1:65536", "http:127.0.0.1:80", "ws:::1"]
)
def test_what_is_no_place_is_told(word: str) -> None:
    with pytest.raises(OperatorError, match="each place must be ws or wss"):
        read_places(word)


def test_addresses() -> None:
    assert read_address("/streams/telnyx/my%20trunk?l16=big&x=1") == Address(
        vendor=Vendor.TELNYX, trunk="my trunk", big_endian=True
    )
    assert read_address("/streams/twilio/t/s3cret").token == "s3cret"
    assert read_address("/streams/twilio/t/?token=s3cret").token == "s3cret"
    assert read_address("/streams/twilio/t/").token is None
    assert "s3cret" not in repr(read_address("/streams/twilio/t/s3cret"))


@given(st.text(max_size=60))
def test_anything_else_is_not_offered(path: str) -> None:
    with pytest.raises(NotOffered) as raised:
        read_address("/" + path)
    assert len(str(raised.value)) < 300
