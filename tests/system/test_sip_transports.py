"""The signalling sockets themselves: UDP, TCP and TLS, both families, reuse, limits, and those who are no clients."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callvault.capture.siprec.congestion import Congestion
from callvault.capture.siprec.ping import ping
from callvault.capture.siprec.places import Place, read_places
from callvault.capture.siprec.signalling import Signalling
from callvault.capture.siprec.streams import StreamLimits
from callvault.capture.siprec.tls import Identity
from callvault.errors import HouseError, OperatorError
from callvault.protocols.sip import events
from callvault.protocols.sip.agent import UserAgentServer
from callvault.protocols.sip.dialog import Dialog
from callvault.protocols.sip.terms import Terms
from tests.system.authority import Certificates, certify, client_tls
from tests.system.sip_client import PATIENCE_S, SipClient, a_client, body_of, field, status

OFFER = b"v=0\r\n"
ANSWER = b"v=0\r\ns=answer\r\n"


class House:
    """Signalling whose handler answers every call with the same body, and keeps the events."""

    def __init__(self, identity: Identity | None, limits: StreamLimits | None, congestion: Congestion | None) -> None:
        numbers = itertools.count(1)
        agent = UserAgentServer(Terms(key=b"of these tests alone"), lambda: f"token{next(numbers)}")
        self.told: asyncio.Queue[events.Event] = asyncio.Queue()
        self.names: list[tuple[str, ...]] = []
        self.signalling = Signalling(agent, self.handle, identity=identity, stream_limits=limits, congestion=congestion)
        self.places: tuple[Place, ...] = ()

    def handle(self, event: events.Event) -> None:
        if isinstance(event, events.Asked):
            self.names.append(self.signalling.streams.names(event.flow.connection))
            with self.signalling.speaking() as (agent, now):
                agent.answer(event.transaction, now, content_type="application/sdp", body=ANSWER)
        if not isinstance(event, events.Passed):
            self.told.put_nowait(event)

    async def next(self, kind: type[events.Event]) -> events.Event:
        """The next event of this kind."""
        async with asyncio.timeout(PATIENCE_S):
            while not isinstance(event := await self.told.get(), kind):
                pass
        return event

    def port(self, transport: str, host: str = "127.0.0.1") -> int:
        return next(place.port for place in self.places if (place.transport, place.host) == (transport, host))


@asynccontextmanager
async def a_house(
    listen: str,
    *,
    identity: Identity | None = None,
    limits: StreamLimits | None = None,
    congestion: Congestion | None = None,
) -> AsyncIterator[House]:
    house = House(identity, limits, congestion)
    house.places = await house.signalling.listen(read_places(listen))
    try:
        yield house
    finally:
        await house.signalling.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certify(tmp_path_factory.mktemp("certificates"))


def identity(certificates: Certificates) -> Identity:
    return Identity(certificate=certificates.certificate, key=certificates.key, authorities=certificates.authority)


async def hang_up(client: SipClient, house: House) -> None:
    client.send(client.request("BYE"))
    assert status(await client.final()) == 200
    await house.next(events.Ended)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_call_over_each_transport_and_family(transport: str, host: str) -> None:
    place = f"{transport}:[::1]:0" if ":" in host else f"{transport}:127.0.0.1:0"
    async with a_house(place) as house, a_client(transport, host, house.port(transport, host)) as client:
        answer = await client.invite("Content-Type: application/sdp", body=OFFER)
        assert status(answer) == 200
        assert body_of(answer) == ANSWER
        assert f"@{client.own_host}:{client.port}" in field(answer, "Contact")
        await house.next(events.Acked)
        await hang_up(client, house)


@pytest.mark.parametrize("own", [True, False])
async def test_a_call_over_tls_with_a_certificate_of_the_clients_and_without(
    certificates: Certificates, own: bool
) -> None:
    async with (
        a_house("tls:127.0.0.1:0", identity=identity(certificates)) as house,
        a_client("tls", "127.0.0.1", house.port("tls"), tls=client_tls(certificates, own=own)) as client,
    ):
        assert status(await client.invite(body=OFFER)) == 200
        assert house.names == [("localhost",) if own else ()]
        await hang_up(client, house)


@pytest.mark.parametrize(("wild", "host"), [("udp:0.0.0.0:0", "127.0.0.2"), ("udp:[::]:0", "::1")])
async def test_a_wildcard_answers_from_the_address_that_was_called(wild: str, host: str) -> None:
    async with a_house(wild) as house, a_client("udp", host, house.places[0].port) as client:
        answer = await client.invite(body=OFFER)  # a connected socket hears nobody else
        assert f"@{client.own_host}:" in field(answer, "Contact")
        await hang_up(client, house)


async def test_our_bye_goes_over_the_clients_connection_and_over_a_new_one_once_that_is_gone() -> None:
    async with a_house("tcp:127.0.0.1:0") as house, a_client("tcp", "127.0.0.1", house.port("tcp")) as client:
        server_side: asyncio.Queue[bytes] = asyncio.Queue()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            server_side.put_nowait(await reader.readuntil(b"\r\n\r\n"))
            writer.close()

        listener = await asyncio.start_server(connected, "127.0.0.1", 0)
        await client.invite(body=OFFER)
        first = (await house.next(events.Acked)).dialog  # type: ignore[union-attr]
        with house.signalling.speaking() as (agent, now):
            agent.bye(first, now)
        assert (await client.asked()).startswith(b"BYE ")

        client.tag, client.call = "", "second"
        client.own_port = listener.sockets[0].getsockname()[1]  # where its Contact says that it listens
        await client.invite(body=OFFER)
        second = (await house.next(events.Acked)).dialog  # type: ignore[union-attr]
        await client.close()
        await until(lambda: not len(house.signalling.streams))
        with house.signalling.speaking() as (agent, now):
            agent.bye(second, now)
        async with asyncio.timeout(PATIENCE_S):
            assert (await server_side.get()).startswith(b"BYE ")
        listener.close()
        await listener.wait_closed()


async def until(true: object) -> None:
    """Let the loop run until it is."""
    assert callable(true)
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - the server tells nobody that a connection is gone
            await asyncio.sleep(0.005)


async def test_a_keep_alive_is_answered() -> None:
    async with a_house("tcp:127.0.0.1:0") as house, a_client("tcp", "127.0.0.1", house.port("tcp")) as client:
        client.send(b"\r\n\r\n")
        assert await client.octets(10) == b"\r\n"


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01" + b"\xff" * 40_000, b"SIP/2.0 nonsense\r\n\r\n" * 3],
)
async def test_who_speaks_no_sip_is_hung_up_on_and_the_others_go_on(garbage: bytes) -> None:
    async with (
        a_house("tcp:127.0.0.1:0 udp:127.0.0.1:0") as house,
        a_client("tcp", "127.0.0.1", house.port("tcp"), call="well") as well,
    ):
        assert status(await well.invite(body=OFFER)) == 200
        async with a_client("tcp", "127.0.0.1", house.port("tcp")) as scanner:
            scanner.send(garbage)
            if not garbage.startswith(b"SIP/"):
                assert await scanner.receive() == b""
        async with a_client("udp", "127.0.0.1", house.port("udp")) as scanner:
            for start in range(0, len(garbage), 500):
                scanner.send(garbage[start : start + 500])
        await hang_up(well, house)


async def test_a_slow_sender_and_a_silent_one_lose_their_connections() -> None:
    limits = StreamLimits(first_message_s=1.0)
    async with (
        a_house("tcp:127.0.0.1:0", limits=limits) as house,
        a_client("tcp", "127.0.0.1", house.port("tcp")) as silent,
        a_client("tcp", "127.0.0.1", house.port("tcp")) as slow,
        a_client("tcp", "127.0.0.1", house.port("tcp"), call="idle") as idle,
    ):
        assert status(await idle.invite(body=OFFER)) == 200
        slow.send(b"INVITE sip:a@b SIP/2.0\r\n")
        assert await silent.receive() == b""
        assert await slow.receive() == b""
        await hang_up(idle, house)  # between messages a connection may be idle


async def test_one_host_may_not_have_all_connections() -> None:
    limits = StreamLimits(connections_of_one_host=2)
    async with (
        a_house("tcp:127.0.0.1:0", limits=limits) as house,
        a_client("tcp", "127.0.0.1", house.port("tcp")),
        a_client("tcp", "127.0.0.1", house.port("tcp")) as second,
        a_client("tcp", "127.0.0.1", house.port("tcp")) as third,
    ):
        assert await third.receive() == b""
        assert house.signalling.streams.refused == 1
        await second.close()
        await until(lambda: len(house.signalling.streams) == 1)
        async with a_client("tcp", "127.0.0.1", house.port("tcp")) as fourth:
            assert status(await fourth.invite(body=OFFER)) == 200


async def test_calls_that_waited_too_long_are_refused_and_the_next_ones_are_not() -> None:
    async with a_house("udp:127.0.0.1:0", congestion=Congestion(too_old_s=0.05)) as house:
        # The kernel begins to note arrivals some time after the first socket has asked for it
        for attempt in range(50):
            async with a_client("udp", "127.0.0.1", house.port("udp"), call=f"late{attempt}") as late:
                late.send(late.request("INVITE", body=OFFER))
                block_for(0.1)
                answer = await late.final()
            if status(answer) == 503:
                break
        assert status(answer) == 503
        assert field(answer, "Retry-After") == "10"
        for attempt in range(50):  # a machine that is busy makes one wait too long by itself
            async with a_client("udp", "127.0.0.1", house.port("udp"), call=f"fresh{attempt}") as fresh:
                fresh.send(fresh.request("OPTIONS"))
                await fresh.receive()
                answer = await fresh.invite(body=OFFER)
            if status(answer) == 200:
                break
        assert status(answer) == 200


def block_for(seconds: float) -> None:
    """Keep the loop, and so the server in it, from everything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.settimeout(seconds)
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(TimeoutError):
            nobody.recv(1)


async def test_a_handler_that_fails_takes_nobody_else_down(caplog: pytest.LogCaptureFixture) -> None:
    async with a_house("udp:127.0.0.1:0") as house:
        working, house.signalling.handle = house.signalling.handle, failing
        async with a_client("udp", "127.0.0.1", house.port("udp"), call="first") as client:
            client.send(client.request("INVITE", body=OFFER))
            assert status(await client.receive()) == 100
        assert "could not be handled" in caplog.text
        house.signalling.handle = working
        async with a_client("udp", "127.0.0.1", house.port("udp"), call="second") as client:
            assert status(await client.invite(body=OFFER)) == 200


async def test_a_timer_that_fails_stops_no_other(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        a_house("udp:127.0.0.1:0") as house,
        a_client("udp", "127.0.0.1", house.port("udp")) as client,
    ):
        working = house.signalling.agent.handle_timer

        def fail_once(now: float) -> list[events.Event]:
            monkeypatch.setattr(house.signalling.agent, "handle_timer", working)
            raise RuntimeError("planted")

        monkeypatch.setattr(house.signalling.agent, "handle_timer", fail_once)
        client.send(client.request("INVITE", body=OFFER))
        assert status(await client.final()) == 200
        assert status(await client.final()) == 200  # sent again, since no ACK came
        assert "a timer could not be handled" in caplog.text


def failing(event: events.Event) -> None:
    raise RuntimeError(f"planted for {type(event).__name__}")


async def test_a_successor_answers_the_calls_of_the_one_before() -> None:
    async with a_client("udp", "127.0.0.1", 1) as client:  # its socket outlives both servers
        async with a_house("udp:127.0.0.1:0") as before:
            port = before.port("udp")
            await client.close()
            client.port = port
            await client.open()
            await client.invite(body=OFFER)
            acked = await before.next(events.Acked)
            assert isinstance(acked, events.Acked)
            dialog = before.signalling.agent.dialog(acked.dialog)
            assert dialog is not None
            kept = dialog.document()
        async with a_house(f"udp:127.0.0.1:{port}") as after:
            after.signalling.restore([Dialog.read(kept)])
            client.send(client.request("INVITE", body=OFFER))
            assert status(await client.final()) == 200
            await hang_up(client, after)


@pytest.mark.parametrize(
    "text", ["udp", "udp:0.0.0.0", "sctp:0.0.0.0:5060", "udp:localhost:5060", "udp:[::1]:70000", ":::"]
)
def test_a_place_that_is_none_stops_the_start(text: str) -> None:
    with pytest.raises(OperatorError, match="sip_listen"):
        read_places(text)


async def test_a_place_that_is_taken_stops_the_start() -> None:
    async with a_house("udp:127.0.0.1:0 tcp:127.0.0.1:0") as house:
        for place in house.places:
            with pytest.raises(OperatorError, match=f"{place.transport}:127.0.0.1:{place.port}"):
                async with a_house(str(place)):
                    pass


async def test_tls_without_a_certificate_stops_the_start() -> None:
    with pytest.raises(OperatorError, match="sip_tls_cert"):
        async with a_house("tls:127.0.0.1:0"):
            pass


@pytest.mark.parametrize(
    "listen", ["udp:127.0.0.1:0", "tcp:127.0.0.1:0", "tls:127.0.0.1:0", "udp:0.0.0.0:0", "tcp:[::]:0"]
)
async def test_a_ping_is_answered_at_every_place(certificates: Certificates, listen: str) -> None:
    async with a_house(listen, identity=identity(certificates)) as house:
        assert (await ping(house.places[0], "token")).status == 200
        house.signalling.agent.refuse_calls(True)
        if listen.startswith("tcp"):  # a fresh datagram says that there is no overload
            assert (await ping(house.places[0], "token")).status == 503


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_a_ping_to_nobody_says_so(transport: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        (place,) = read_places(f"{transport}:127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(HouseError, match=f"Nobody answers at {place}"):
            await ping(place, "token")
