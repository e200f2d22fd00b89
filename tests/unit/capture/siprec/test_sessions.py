"""Sessions are told where to listen and what to say by the server's settings and by where the call came in."""

from __future__ import annotations

from uuid import UUID

import pytest

from callvault.capture.gate import Opened
from callvault.capture.siprec.conversation import Agreed
from callvault.capture.siprec.door import Beginning
from callvault.capture.siprec.sessions import recording_sessions
from callvault.protocols.sdp.attributes import address_of
from callvault.protocols.sdp.description import Description
from callvault.protocols.spool.journal import StreamAgreed
from callvault.vault.media_keys import seal_media_keys, unseal_media_keys
from callvault.vault.secrets import Secrets
from tests.unit.capture.siprec.recording import request

TAKE = UUID("01980000-0000-7000-8000-000000000001")
SECRETS = Secrets(b"s" * 32)


def begun(media_host: str, host: str, name: str = "invite") -> tuple[str, Agreed]:
    """Where the first socket listens, and the answer."""
    converse = recording_sessions(
        media_host=media_host,
        seal=lambda keys: seal_media_keys(SECRETS, keys, b"n" * 12),
        entropy=lambda count: b"e" * count,
    )
    session = converse(Beginning(take=TAKE, host=host))
    openings = session.propose(request("rfc7865", name))
    opened = {each.stream: Opened(stream=each.stream, port=20000, rtcp_port=20001) for each in openings}
    return openings[0].host, session.agree(opened, 1)


@pytest.mark.parametrize(
    ("media_host", "host", "listens", "told"),
    [
        ("", "198.51.100.7", "198.51.100.7", "198.51.100.7"),
        ("", "2001:db8::7", "2001:db8::7", "2001:db8::7"),
        ("203.0.113.9", "198.51.100.7", "0.0.0.0", "203.0.113.9"),
        ("2001:db8::9", "198.51.100.7", "::", "2001:db8::9"),
    ],
)
def test_a_client_is_told_an_address_at_which_somebody_listens(
    media_host: str, host: str, listens: str, told: str
) -> None:
    place, agreed = begun(media_host, host)
    description = Description.parse(agreed.body)
    address = address_of(description, description.media[0])
    assert (place, address.host if address else None) == (listens, told)
    assert (description.section.first("o") or "").split()[1] == str(0x0198_0000_0000)


def test_a_key_in_the_journal_is_the_clients_and_opens_with_the_master_key_alone() -> None:
    _, agreed = begun("", "198.51.100.7", "secure")
    (first, *_) = [record for record in agreed.records if isinstance(record, StreamAgreed)]
    (key,) = unseal_media_keys(SECRETS, first.crypto or "")
    described = request("rfc7865", "secure").body
    assert key.suite == "AES_CM_128_HMAC_SHA1_80"
    assert len(key.secret) == 30
    assert key.secret != b"e" * 30
    assert key.suite.encode() in described
