"""Every client's call, through SIPREC's door and a whole recording session: what the journal knows at the end."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from callvault.caller.call import place
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.sound import noise
from callvault.caller.styles.registry import STYLES
from callvault.capture.siprec.sessions import recording_sessions
from callvault.capture.siprec.tls import Identity
from callvault.protocols.spool.journal import Attended, Exchanged, Flow, Flowed, Journal, Named, StreamAgreed
from callvault.vault.media_keys import seal_media_keys, unseal_media_keys
from tests.system.authority import Certificates
from tests.system.siprec_house import MASTER, TestHouse, a_siprec_house

RUTH = Voice(sound=noise(1, seconds=0.5))
OMAR = Voice(sound=noise(2, seconds=0.5), user="2001", host="pbx.example.net", name="Omar")
CONVERSE = recording_sessions(
    media_host="",
    seal=lambda keys: seal_media_keys(MASTER, keys, secrets.token_bytes(12)),
    entropy=secrets.token_bytes,
)


async def journal_of(house: TestHouse, transport: str = "udp", **more: Any) -> Journal:
    """Call, and read what is left of the call."""
    uri = f"sip:recorder@127.0.0.1:{house.port(transport)};transport={transport}"
    report = await place(CallPlan(**{"recorder": uri, "voices": (RUTH, OMAR), **more}))
    assert (report.status, list(report.notes)) == (200, [])
    await house.door.settled()
    (take,) = house.spools.ended_takes()
    journal = house.journal(take)
    assert journal.spoilt == 0
    return journal


def voices(journal: Journal) -> dict[str, tuple[int, ...]]:
    """At the end."""
    attended = [record for record in journal.records if isinstance(record, Attended)]
    return {each.address or "": each.sends for each in attended[-1].participants}


@pytest.mark.parametrize("style", STYLES)
async def test_every_client_is_served_and_understood(tmp_path: Path, style: str) -> None:
    more: dict[str, Any] = {"holds": ((0.1, 0.2),), "transfer_at_s": 0.3, "refreshes_at_s": (0.4,)}
    if STYLES[style].offers_late:
        more = {}
    async with a_siprec_house(tmp_path, CONVERSE) as house:
        journal = await journal_of(house, style=style, **more)
    caller = next(sends for address, sends in voices(journal).items() if RUTH.user in address)
    assert len(caller) == 1
    flows = [record.flow for record in journal.records if isinstance(record, Flowed)]
    assert Flow.FLOWING in flows
    assert (Flow.HELD in flows) == bool(more)
    named = [record for record in journal.records if isinstance(record, Named)]
    assert any(record.session_id for record in named)


async def test_keys_are_in_no_file_but_sealed(tmp_path: Path, certificates: Certificates) -> None:
    identity = Identity(certificate=certificates.certificate, key=certificates.key)
    async with a_siprec_house(tmp_path, CONVERSE, listen="tls:127.0.0.1:0", identity=identity) as house:
        journal = await journal_of(house, "tls", style="opensips", secure=True, ca_file=certificates.authority)
    agreed = [record for record in journal.records if isinstance(record, StreamAgreed)]
    keys = {key for record in agreed for key in unseal_media_keys(MASTER, record.crypto or "")}
    assert len(keys) == 2
    text = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"a=crypto" in text
    assert b"inline:" not in text
    assert all(key.secret.hex().encode() not in text for key in keys)
    assert any("a=crypto" in record.message for record in journal.records if isinstance(record, Exchanged))


async def test_a_third_voice_comes_and_goes(tmp_path: Path) -> None:
    joiner = Voice(sound=noise(3, seconds=0.5), user="2003", name="Lena")
    async with a_siprec_house(tmp_path, CONVERSE) as house:
        journal = await journal_of(house, joiner=joiner, joins_at_s=0.1, leaves_at_s=0.3)
    attended = [record for record in journal.records if isinstance(record, Attended)]
    assert [len(record.participants) for record in attended] == [2, 3, 2]
    lena = next(each for each in attended[1].participants if "2003" in (each.address or ""))
    assert lena.sends == (2,)
    assert [record.flow for record in journal.records if isinstance(record, Flowed) and record.stream == 2] == [
        Flow.FLOWING,
        Flow.CLOSED,
    ]
