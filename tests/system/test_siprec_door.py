"""Calls at SIPREC's door: who is let in, what is journalled of each, and how each ends."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest

from callvault.capture.siprec.refusals import read_refusals
from callvault.model.trunk import REALM
from callvault.protocols.sip.digest import Algorithm, digest, ha1
from callvault.protocols.sip.events import Expired
from callvault.protocols.spool.journal import Begun, DialogKept, Ended, Exchanged, Reason, StreamAgreed, write
from tests.system.offers import SDP, hang_up, offer
from tests.system.sip_client import SipClient, a_client, body_of, field, status
from tests.system.siprec_house import ACCOUNT, TestHouse, a_siprec_house, a_trunk

SECOND_NS = 1_000_000_000


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_call_becomes_a_take_and_ends_with_its_bye(tmp_path: Path, transport: str) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client(transport, "127.0.0.1", house.port(transport)) as client,
    ):
        answer = await client.invite(*SDP, body=offer("1", "2"))
        assert status(answer) == 200
        ports = [int(port) for port in re.findall(rb"m=audio (\d+)", body_of(answer))]
        take = house.take()
        assert ports == [house.gate.sockets[take, stream].getsockname()[1] for stream in (0, 1)]
        await hang_up(client, house)
        assert house.gate.sockets == {}
        assert house.spools.live_takes() == []
        assert house.spools.ended_takes() == [take]
        journal = house.journal(take)
        assert journal.spoilt == 0
        begun = journal.records[0]
        assert isinstance(begun, Begun)
        assert (begun.account_id, begun.trunk, begun.door) == (ACCOUNT, "sbc", "siprec")
        assert begun.peer == f"{transport}:127.0.0.1:{client.own_port}"
        assert [each.label for each in journal.records if isinstance(each, StreamAgreed)] == ["1", "2"]
        assert journal.ended == Ended(at_ns=journal.records[-1].at_ns, reason=Reason.BYE)


async def test_the_journal_has_every_message_in_its_order(tmp_path: Path) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        await client.invite(*SDP, body=offer("1"))
        take = house.take()
        await client.invite(*SDP, body=offer("1", "2"))
        client.send(client.request("UPDATE"))
        assert status(await client.final()) == 200
        client.send(client.request("INFO", "X-AC-Action: start-siprec"))
        assert status(await client.final()) == 200
        await hang_up(client, house)
        messages = [each for each in house.journal(take).records if isinstance(each, Exchanged)]
        words = [(each.sent, each.message.split(" sip:")[0].split("\r\n")[0]) for each in messages]
        asked = [word for sent, word in words if not sent]
        assert asked == ["INVITE", "ACK", "INVITE", "ACK", "UPDATE", "INFO", "BYE"]
        assert [word for sent, word in words if sent and " 100 " not in word] == ["SIP/2.0 200 OK"] * 5


async def test_keys_and_proofs_are_not_kept_in_messages(tmp_path: Path) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        proof = 'Authorization: Digest username="a", realm="b", nonce="c", uri="d", response="5ec4e7"'
        await client.invite(*SDP, proof, body=offer("1", key=True))
        text = house.spools.live(house.take()).journal.read_text()
        assert "a=crypto:1 AES_CM_128_HMAC_SHA1_80 ***" in text
        assert "Tm90aGluZ1Rv" not in text
        assert "5ec4e7" not in text
        await hang_up(client, house)


async def test_a_stranger_is_refused_and_the_operator_can_see_why(tmp_path: Path) -> None:
    trunks = [a_trunk("elsewhere", networks=["192.0.2.0/24"])]
    async with (
        a_siprec_house(tmp_path, trunks=trunks) as house,
        a_client("udp", "127.0.0.1", house.port("udp"), call="stranger") as client,
    ):
        assert status(await client.invite(*SDP, body=offer("1"))) == 403
        assert house.spools.live_takes() == []
        (turned,) = read_refusals(tmp_path / "refusals.jsonl")
        assert (turned.status, turned.call_id) == (403, "stranger")
        assert turned.sentence == f"No trunk takes calls from udp:127.0.0.1:{client.own_port}."


async def test_a_flood_of_strangers_takes_no_room(tmp_path: Path) -> None:
    trunks = [a_trunk("sbc", networks=["127.0.0.1"]), a_trunk("road", username="road", password="x")]
    async with (
        a_siprec_house(tmp_path, trunks=trunks) as house,
        a_client("udp", "127.0.0.1", house.port("udp"), call="flood", source="127.0.0.2") as flood,
        a_client("udp", "127.0.0.1", house.port("udp"), call="well", source="127.0.0.1") as well,
    ):
        for number in range(500):
            flood.send(flood.request("INVITE", *SDP, body=offer("1"), branch=f"flood{number}"))
            assert status(await flood.receive()) == 401
        agent = house.signalling.agent
        assert agent.transactions == agent.held_bytes == 0
        assert status(await well.invite(*SDP, body=offer("1"))) == 200
        await hang_up(well, house)


async def test_a_trunk_with_a_password_is_asked_for_it(tmp_path: Path) -> None:
    trunks = [a_trunk("road", username="road", password="open sesame")]
    async with (
        a_siprec_house(tmp_path, trunks=trunks) as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        challenge = await client.invite(*SDP, body=offer("1"))
        assert status(challenge) == 401
        nonce = re.search(r'nonce="([^"]+)"', field(challenge, "WWW-Authenticate"))
        assert nonce is not None
        for password, expected in (("guess", 401), ("open sesame", 200)):
            secret = ha1(Algorithm.SHA_256, user="road", realm=REALM, password=password)
            proof = digest(
                Algorithm.SHA_256, f"{secret}:{nonce[1]}:{digest(Algorithm.SHA_256, 'INVITE:sip:recorder@127.0.0.1')}"
            )
            shown = (
                f'Authorization: Digest username="road", realm="{REALM}", nonce="{nonce[1]}", algorithm=SHA-256, '
                f'uri="sip:recorder@127.0.0.1", response="{proof}"'
            )
            assert status(await client.invite(*SDP, shown, body=offer("1"))) == expected
        assert [each.status for each in read_refusals(tmp_path / "refusals.jsonl")] == [401]
        begun = house.journal(house.take()).begun
        assert begun is not None
        assert begun.trunk == "road"
        await hang_up(client, house)


async def test_what_cannot_be_served_leaves_nothing_behind(tmp_path: Path) -> None:
    async with a_siprec_house(tmp_path) as house:
        async with a_client("udp", "127.0.0.1", house.port("udp"), call="bare") as client:
            refusal = await client.invite(*SDP, body=offer("1").replace(b"m=audio", b"m=video"))
            assert status(refusal) == 488
            assert b"audio is recorded alone" in refusal.partition(b"\r\n")[0]
        house.gate.full = True
        async with a_client("udp", "127.0.0.1", house.port("udp"), call="full") as client:
            refusal = await client.invite(*SDP, body=offer("1"))
            assert status(refusal) == 503
            assert field(refusal, "Retry-After") == "10"
        await house.door.settled()
        assert house.door.calls == ()
        assert house.spools.live_takes() == house.spools.ended_takes() == []


async def test_a_change_that_cannot_be_served_leaves_the_call_as_it_was(tmp_path: Path) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        await client.invite(*SDP, body=offer("1"))
        house.gate.full = True
        assert status(await client.invite(*SDP, body=offer("1", "2"))) == 503
        assert status(await client.invite(*SDP, body=offer("1"))) == 200
        assert len(house.gate.sockets) == 1
        await hang_up(client, house)


async def test_an_invite_that_is_taken_back_while_sockets_are_opened(tmp_path: Path) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        house.gate.free.clear()
        client.send(client.request("INVITE", *SDP, body=offer("1"), branch="same"))
        assert status(await client.receive()) == 100
        client.send(client.request("CANCEL", cseq=1, branch="same"))
        assert [status(await client.receive()), status(await client.receive())] == [200, 487]
        house.gate.free.set()
        await house.door.settled()
        assert house.gate.sockets == {}
        assert house.spools.live_takes() == house.spools.ended_takes() == []


async def test_a_call_from_which_nothing_comes_is_ended(tmp_path: Path) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        await client.invite(*SDP, body=offer("1"))
        take = house.take()
        house.ahead_ns = 100 * SECOND_NS
        house.gate.heard_at[take] = house.now_ns() + 50 * SECOND_NS
        await house.door.look()
        house.ahead_ns = 160 * SECOND_NS
        await house.door.look()
        assert len(house.door.calls) == 1
        house.ahead_ns = 171 * SECOND_NS
        await house.door.look()
        bye = await client.asked()
        assert bye.startswith(b"BYE ")
        await house.door.settled()
        ended = house.journal(take).ended
        assert ended is not None
        assert ended.reason is Reason.SILENT


async def test_a_call_whose_client_may_be_gone_is_ended_soon_after_its_audio(tmp_path: Path) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        await client.invite(*SDP, body=offer("1"))
        (call,) = house.door.calls
        take = call.take
        for _ in range(2):
            house.door.handle(Expired(dialog=call.dialog))
            await house.door.settled()
            house.gate.heard_at[take] = house.now_ns() + house.ahead_ns
            house.ahead_ns += 9 * SECOND_NS
            await house.door.look()
            assert house.door.calls == (call,)
            client.send(client.request("UPDATE"))  # it is there after all
            assert status(await client.final()) == 200
            house.ahead_ns += 50 * SECOND_NS
            await house.door.look()
            assert house.door.calls == (call,)
        house.door.handle(Expired(dialog=call.dialog))
        await house.door.settled()
        await house.door.look()
        assert (await client.asked()).startswith(b"BYE ")
        await house.door.settled()
        ended = house.journal(take).ended
        assert ended is not None
        assert ended.reason is Reason.EXPIRED


async def test_a_call_that_is_on_hold_may_be_silent_for_hours(tmp_path: Path) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        await client.invite(*SDP, body=offer("1").replace(b"a=sendonly", b"a=inactive"))
        house.ahead_ns = 3 * 3600 * SECOND_NS
        await house.door.look()
        assert len(house.door.calls) == 1
        house.ahead_ns = 5 * 3600 * SECOND_NS
        await house.door.look()
        assert (await client.asked()).startswith(b"BYE ")
        await house.door.settled()


async def a_kept_call(folder: Path, client: SipClient) -> tuple[UUID, int]:
    """A call of a signalling process that is then gone, sockets and all."""
    async with a_siprec_house(folder) as before:
        client.port = before.port("udp")
        await client.open()
        assert status(await client.invite(*SDP, body=offer("1"))) == 200
        await before.door.settled()
        return before.take(), before.port("udp")


async def test_a_successor_goes_on_with_the_calls(tmp_path: Path) -> None:
    client = SipClient("udp", "127.0.0.1", 0)
    take, port = await a_kept_call(tmp_path, client)
    async with a_siprec_house(tmp_path, listen=f"udp:127.0.0.1:{port}") as after:
        assert after.take() == take
        assert status(await client.invite(*SDP, body=offer("1", "2"))) == 200
        await hang_up(client, after)
        assert after.spools.ended_takes() == [take]
        journal = after.journal(take)
        assert journal.ended is not None
        assert journal.ended.reason is Reason.BYE
        assert [each.label for each in journal.records if isinstance(each, StreamAgreed)][-1] == "2"
    await client.close()


async def test_a_take_whose_dialog_is_not_known_is_ended_by_the_successor(tmp_path: Path) -> None:
    client = SipClient("udp", "127.0.0.1", 0)
    take, _ = await a_kept_call(tmp_path, client)
    await client.close()
    path = TestHouse(tmp_path).spools.live(take).journal
    kept = [line for line in path.read_bytes().splitlines(keepends=True) if b'["dialog"' not in line]
    path.write_bytes(b"".join(kept))
    async with a_siprec_house(tmp_path) as after:
        await after.door.settled()
        assert after.door.calls == ()
        assert after.spools.ended_takes() == [take]
        ended = after.journal(take).ended
        assert ended is not None
        assert ended.reason is Reason.INTERRUPTED


@pytest.mark.parametrize("spoilt", [b"", b"nonsense\n", b"odd dialog"])
async def test_a_take_of_which_little_can_be_read_is_ended_all_the_same(tmp_path: Path, spoilt: bytes) -> None:
    client = SipClient("udp", "127.0.0.1", 0)
    take, _ = await a_kept_call(tmp_path, client)
    await client.close()
    path = TestHouse(tmp_path).spools.live(take).journal
    odd = write(DialogKept(at_ns=1, state={"id": 7}))
    path.write_bytes(path.read_bytes() + odd if spoilt == b"odd dialog" else spoilt)
    async with a_siprec_house(tmp_path) as after:
        await after.door.settled()
        assert after.door.calls == ()
        assert after.spools.live_takes() == []
        assert after.spools.ended_takes() == [take]


async def test_a_take_that_had_ended_is_handed_over_by_the_successor(tmp_path: Path) -> None:
    client = SipClient("udp", "127.0.0.1", 0)
    take, _ = await a_kept_call(tmp_path, client)
    await client.close()
    before = TestHouse(tmp_path)
    from callvault.capture.journals import JournalFile  # noqa: PLC0415

    journal = JournalFile(before.spools.live(take).journal)
    journal.write(Ended(at_ns=5, reason=Reason.BYE))
    journal.close()
    async with a_siprec_house(tmp_path) as after:
        await after.door.settled()
        assert after.spools.ended_takes() == [take]
        assert [each for each in after.journal(take).records if isinstance(each, Ended)] == [
            Ended(at_ns=5, reason=Reason.BYE)
        ]


async def test_when_the_server_is_stopped_everybody_is_hung_up_on(tmp_path: Path) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        await client.invite(*SDP, body=offer("1"))
        take = house.take()
        await house.door.end_all()
        assert (await client.asked()).startswith(b"BYE ")
        ended = house.journal(take).ended
        assert ended is not None
        assert ended.reason is Reason.STOPPED


async def test_the_dialogs_state_is_kept_with_every_change(tmp_path: Path) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        await client.invite(*SDP, body=offer("1"))
        await client.invite(*SDP, body=offer("1"))
        await house.door.settled()
        kept = [
            each.state["remote_cseq"] for each in house.journal(house.take()).records if isinstance(each, DialogKept)
        ]
        assert kept == [1, 2]
        await hang_up(client, house)


async def test_a_flood_of_calls_is_refused_and_the_calls_under_way_go_on(tmp_path: Path) -> None:
    async with (
        a_siprec_house(tmp_path) as house,
        a_client("udp", "127.0.0.1", house.port("udp"), call="well") as well,
        a_client("udp", "127.0.0.1", house.port("udp"), call="flood") as flood,
    ):
        await well.invite(*SDP, body=offer("1"))
        house.gate.full = True
        for number in range(500):
            flood.send(flood.request("INVITE", *SDP, body=offer("1"), branch=f"flood{number}"))
            assert status(await flood.final()) == 503
        house.gate.full = False
        assert status(await well.invite(*SDP, body=offer("1", "2"))) == 200
        await hang_up(well, house)
        assert house.spools.live_takes() == []
