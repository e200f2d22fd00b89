"""Finished files at a customer's URL: a real catalogue, real sockets, a receiver on the loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.errors import NotFound
from callvault.media.places import BucketAccess, store_at
from callvault.model.actor import Actor
from callvault.model.card import Card
from callvault.model.destination import read_networks
from callvault.model.media import MediaFormat
from callvault.model.recording import Recording
from callvault.model.shipment import Patience, Shipment, ShipmentState, shipment_told
from callvault.model.wish import Push
from callvault.server.addressing import Addressing
from callvault.vault.commands import Access, DeleteMedia, OpenMedia, Ref, TakeIn
from callvault.vault.pushing import Relay
from callvault.vault.secrets import Secrets
from callvault.vault.vault import Vault
from callvault.webhooks.carrier import MOST_REDIRECTS, Carrier
from callvault.webhooks.guard import Guard, Names
from callvault.webhooks.sender import tls_context
from callvault.webhooks.shipper import Shipper
from tests.catalogues import an_account
from tests.receiver import Answer, Received, receiving
from tests.world import tone_of_silence

LOOPBACK = "127.0.0.0/8"
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
WAV = tone_of_silence(2, 400)
AT_ONCE = Patience(tries=3, pause_s=0, rounds=1)


class House:
    """A vault with a recording, and what carries its file."""

    def __init__(self, folder: Path, allowed: str = LOOPBACK) -> None:
        self.now = NOW
        guard = Guard(read_networks(allowed), Names())
        self.carrier = Carrier(guard, agent="callvault/test", tls=tls_context(), timeout_s=5)
        self.addressing = Addressing(base_url="https://vault.example.net", settings={}, clock=lambda: self.now)
        self.vault = Vault(
            SqliteCatalogue(folder / "catalogue.sqlite"),
            {"main": store_at("main", str(folder / "media"), BucketAccess())},
            folder,
            Secrets(bytes(32)),
            relay=Relay(fetch=self.carrier.fetch, address=self.addressing.back),
        )

    async def record(self, form: MediaFormat | None = None) -> Recording:
        async def content() -> AsyncIterator[bytes]:
            yield WAV

        account = await self.vault.catalogue.add_account(an_account("alice"))
        command = TakeIn(account_id=account.id, card=Card(sip_call_id="leg-7@10.0.0.7"), content=content(), form=form)
        return (await self.vault.intake.take_in(command, NOW)).recording

    async def push(self, recording: Recording, push: Push) -> None:
        await self.vault.pushing.keep(recording, push, NOW)

    def shipper(self, patience: Patience = AT_ONCE) -> Shipper:
        return Shipper(
            self.vault.pushing,
            self.addressing.there,
            self.carrier,
            clock=lambda: self.now,
            dice=lambda: 0.0,
            patience=patience,
        )

    async def shipment(self, recording: Recording) -> Shipment:
        found = await self.vault.catalogue.shipment(recording.account_id, recording.id)
        assert found is not None
        return found

    async def settled(self, recording: Recording, patience: Patience = AT_ONCE) -> Shipment:
        """What became of it, when nothing more is to be done."""
        shipper = self.shipper(patience)
        while (shipment := await self.shipment(recording)).state is ShipmentState.WAITING:
            await shipper.look()
            await shipper.quiet()
        return shipment


@asynccontextmanager
async def a_house(folder: Path, allowed: str = LOOPBACK) -> AsyncIterator[House]:
    house = House(folder, allowed)
    await house.vault.open()
    try:
        yield house
    finally:
        house.carrier.close()
        await house.vault.close()


async def heard(house: House, recording: Recording, *, relayed: bool = True) -> bytes:
    ref = Ref(dialect="kazoo", kind="recording", text="", computed=recording.id)
    opened = await house.vault.reading.open(
        OpenMedia(account_id=recording.account_id, recording=ref, relayed=relayed, access=Access.LINK)
    )
    return b"".join([piece async for piece in opened.source.chunks(0, opened.size_bytes)])


async def delete_audio(house: House, recording: Recording) -> None:
    ref = Ref(dialect="kazoo", kind="recording", text="", computed=recording.id)
    account = await house.vault.catalogue.account(recording.account_id)
    assert account is not None
    command = DeleteMedia(account_id=recording.account_id, recording=ref)
    await house.vault.perform(command, Actor(account=account, key_id=None), NOW)


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_the_file_arrives_as_it_is_with_what_is_told_of_it(method: str, tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        recording = await house.record()
        with receiving(lambda _: Answer(status=201)) as receiver:
            url = receiver.url("/calls").replace("http://", "http://ada:t%40ea@")
            await house.push(recording, Push(url=url, method=method))
            shipment = await house.settled(recording)
        (came,) = receiver.requests
        assert (came.method, came.path) == (method, "/calls/call_recording_leg-7@10.0.0.7.wav")
        assert came.body == WAV
        assert came.headers["content-type"] == "audio/x-wav"
        assert came.headers["content-length"] == str(len(WAV))
        assert came.headers["authorization"] == "Basic YWRhOnRAZWE="
        told = dict(parse_qsl(urlsplit(came.target).query))
        assert (told["call_id"], told["duration_ms"]) == ("leg-7@10.0.0.7", "400")
        assert (shipment.state, shipment.tries, shipment.status, shipment.error) == (ShipmentState.DONE, 1, 201, None)
        now = await house.vault.catalogue.get(recording.id)
        assert now is not None
        said = shipment_told(now)
        assert said is not None
        assert (said["state"], said["url"], said["status"]) == ("done", receiver.url("/calls"), 201)


async def test_a_recording_that_was_asked_for_as_mp3_is_sent_as_mp3(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        recording = await house.record(MediaFormat.MP3)
        with receiving() as receiver:
            await house.push(recording, Push(url=receiver.url("/calls")))
            await house.settled(recording)
        (came,) = receiver.requests
        assert came.path.endswith(".mp3")
        assert came.headers["content-type"] == "audio/mpeg"
        assert (came.body[0], came.body[1] >> 5) == (0xFF, 7), "a frame of MPEG audio"
        assert came.body == await heard(house, recording)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_with_verb_and_body(status: int, tmp_path: Path) -> None:
    def answer(request: Received) -> Answer:
        if request.path == "/elsewhere":
            return Answer(status=200)
        return Answer(status=status, headers=(("Location", "/elsewhere?a=b"),))

    async with a_house(tmp_path) as house:
        recording = await house.record()
        with receiving(answer) as receiver:
            await house.push(recording, Push(url=receiver.url("/calls"), method="POST"))
            shipment = await house.settled(recording)
        assert [(each.method, each.body) for each in receiver.requests] == [("POST", WAV)] * 2
        assert receiver.requests[1].target == "/elsewhere?a=b"
        assert shipment.state is ShipmentState.DONE


@pytest.mark.parametrize(
    ("onward", "tries", "sentence"),
    [
        (lambda at: at, 1, "circle"),
        (lambda at: "/a" if at.startswith("/b") else "/b", 3, "circle"),
        (lambda at: f"/{int(at[1:] or 0) + 1}" if at[1:].isdigit() else "/0", MOST_REDIRECTS + 1, "more than 10"),
    ],
)
async def test_redirects_come_to_an_end(
    onward: Callable[[str], str], tries: int, sentence: str, tmp_path: Path
) -> None:
    def answer(request: Received) -> Answer:
        at = request.target if "call_recording" in request.target else request.path
        return Answer(status=302, headers=(("Location", onward(at)),))

    async with a_house(tmp_path) as house:
        recording = await house.record()
        with receiving(answer) as receiver:
            await house.push(recording, Push(url=receiver.url("/calls")))
            shipment = await house.settled(recording, Patience(tries=1, rounds=1))
        assert len(receiver.requests) == tries
        assert (shipment.state, shipment.status) == (ShipmentState.GIVEN_UP, 302)
        assert sentence in (shipment.error or "")


async def test_who_is_out_of_order_is_tried_again(tmp_path: Path) -> None:
    answers = iter([Answer(status=503), Answer(hang_up=True), Answer(status=200)])
    async with a_house(tmp_path) as house:
        recording = await house.record()
        with receiving(lambda _: next(answers)) as receiver:
            await house.push(recording, Push(url=receiver.url("/calls")))
            shipment = await house.settled(recording)
        assert [each.body for each in receiver.requests] == [WAV] * 3
        assert (shipment.state, shipment.tries, shipment.error) == (ShipmentState.DONE, 3, None)


@pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
async def test_who_never_takes_it_is_given_up_and_the_audio_stays(status: int, tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        recording = await house.record()
        with receiving(lambda _: Answer(status=status)) as receiver:
            await house.push(recording, Push(url=receiver.url("/calls")))
            shipment = await house.settled(recording)
        assert len(receiver.requests) == AT_ONCE.tries
        assert (shipment.state, shipment.status) == (ShipmentState.GIVEN_UP, status)
        assert shipment.error == f"It was answered with {status}."
        assert await heard(house, recording) == WAV


async def test_nobody_is_there(tmp_path: Path) -> None:
    with receiving() as receiver:
        gone = receiver.url("/calls")
    async with a_house(tmp_path) as house:
        recording = await house.record()
        await house.push(recording, Push(url=gone))
        shipment = await house.settled(recording)
        assert (shipment.state, shipment.tries, shipment.status) == (ShipmentState.GIVEN_UP, 3, None)
        assert shipment.error


async def test_nothing_goes_where_nothing_may(tmp_path: Path) -> None:
    async with a_house(tmp_path, allowed="") as house:
        recording = await house.record()
        with receiving() as receiver:
            await house.push(recording, Push(url=receiver.url("/calls")))
            shipment = await house.settled(recording)
        assert receiver.requests == []
        assert "not public" in (shipment.error or "")


async def test_a_redirect_leads_nowhere_that_nothing_may_go(tmp_path: Path) -> None:
    async with a_house(tmp_path, allowed="127.0.0.1/32") as house:
        recording = await house.record()
        answer = Answer(status=302, headers=(("Location", "http://127.0.0.2:1/"),))
        with receiving(lambda _: answer) as receiver:
            await house.push(recording, Push(url=receiver.url("/calls")))
            shipment = await house.settled(recording, Patience(tries=1, rounds=1))
        assert len(receiver.requests) == 1
        assert "not public" in (shipment.error or "")


async def test_who_was_killed_leaves_it_to_the_next(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        recording = await house.record()
        await house.push(recording, Push(url="http://127.0.0.1:1/"))
        (taken,) = await house.vault.pushing.take(NOW, NOW + timedelta(seconds=60), most=1)
    async with a_house(tmp_path) as house:
        with receiving() as receiver:
            assert (await house.shipment(recording)).push == taken.shipment.push
            await house.shipper().look()
            assert receiver.requests == [], "its lease is not over"
            house.now = NOW + timedelta(seconds=61)
            shipment = await house.settled(recording)
        assert shipment.state is ShipmentState.GIVEN_UP


async def test_what_was_deleted_goes_nowhere(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        recording = await house.record()
        with receiving() as receiver:
            await house.push(recording, Push(url=receiver.url("/calls")))
            await delete_audio(house, recording)
            shipment = await house.settled(recording)
        assert receiver.requests == []
        assert (shipment.state, shipment.tries) == (ShipmentState.GIVEN_UP, 0)
        with pytest.raises(NotFound):
            await heard(house, recording)


async def test_audio_that_was_deleted_here_is_read_back(tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}

    def answer(request: Received) -> Answer:
        if request.method == "PUT":
            kept[request.path] = request.body
            return Answer(status=201)
        return Answer(status=200, body=kept[request.path])

    async with a_house(tmp_path) as house:
        recording = await house.record()
        with receiving(answer) as receiver:
            await house.push(recording, Push(url=receiver.url("/calls")))
            await house.settled(recording)
            assert await heard(house, recording) == WAV
            assert [each.method for each in receiver.requests] == ["PUT"], "what is here is not asked for"
            await delete_audio(house, recording)
            with pytest.raises(NotFound):
                await heard(house, recording, relayed=False)
            assert await heard(house, recording) == WAV
            asked = receiver.requests[-1]
            assert asked.method == "GET"
            assert asked.path == receiver.requests[0].path
            assert dict(parse_qsl(urlsplit(asked.target).query))["direction"] == "inbound"
            found = await house.vault.catalogue.get(recording.id)
            assert found is not None
            elsewhere = await house.vault.pushing.elsewhere(found)
            assert elsewhere is not None
            stretch = b"".join([piece async for piece in elsewhere[1].chunks(44, 50)])
            assert stretch == WAV[44:50]


async def test_the_worker_finds_what_is_due_by_itself_and_ends_when_it_is_told(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        recording = await house.record()
        shipper = house.shipper()
        working = asyncio.create_task(shipper.run())
        with receiving() as receiver:
            await house.push(recording, Push(url=receiver.url("/calls")))
            await asyncio.to_thread(receiver.wait_for, 1)
            await shipper.stop()
            await working
        assert (await house.shipment(recording)).state is ShipmentState.DONE


@asynccontextmanager
async def a_listener(speaks: bytes = b"") -> AsyncIterator[str]:
    """Somebody who takes connections, says something, and reads nothing."""
    held: list[asyncio.StreamWriter] = []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        held.append(writer)
        writer.write(speaks)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1024)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/calls"
    finally:
        for writer in held:
            writer.transport.abort()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    ("speaks", "status", "sentence"),
    [
        (b"", None, "was not taken in time"),
        (b"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n", 413, "answered with 413"),
    ],
)
async def test_of_a_file_that_is_not_taken_little_is_held(speaks: bytes, status: int | None, sentence: str) -> None:
    """A gigabyte: read as it is taken, and no more of it once somebody has answered."""
    piece, read = bytes(1 << 19), 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(2048):
            read += len(piece)
            yield piece

    guard = Guard(read_networks(LOOPBACK), Names())
    carrier = Carrier(guard, agent="callvault/test", tls=tls_context(), timeout_s=0.5)
    async with a_listener(speaks) as url:
        carried = await carrier.send(url, "PUT", "audio/x-wav", 1 << 30, body)
    carrier.close()
    assert carried.status == status
    assert sentence in (carried.error or "")
    assert read < 32 << 20
