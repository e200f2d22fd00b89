"""A whole server takes calls: ``callvault serve`` with signalling, media and finishing in processes of their own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from callvault.audio import g711
from callvault.caller.sound import noise
from callvault.capture.spools import Spools
from tests.ports import free_port
from tests.system.authority import certify
from tests.system.media_node import free_ports
from tests.system.running import Running, run_callvault, running
from tests.system.sip_client import SipClient, a_client, body_of, status

pytestmark = pytest.mark.slow

PATIENCE_S = 60.0
FIRST = g711.encode_ulaw(noise(1, seconds=1).samples)
SECOND = g711.encode_ulaw(noise(2, seconds=1).samples)
BOUNDARY = "unique-boundary-1"
METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode>
<session session_id="c2Vzc2lvbg=="><sipSessionID>recorded-call-1</sipSessionID></session>
<participant participant_id="YWRh"><nameID aor="sip:+442079460101@example.net"><name>Ada</name></nameID></participant>
<participant participant_id="YmVu"><nameID aor="sip:+442079460102@example.net"><name>Ben</name></nameID></participant>
<stream stream_id="czE=" session_id="c2Vzc2lvbg=="><label>1</label></stream>
<stream stream_id="czI=" session_id="c2Vzc2lvbg=="><label>2</label></stream>
<participantstreamassoc participant_id="YWRh"><send>czE=</send><recv>czI=</recv></participantstreamassoc>
<participantstreamassoc participant_id="YmVu"><send>czI=</send><recv>czE=</recv></participantstreamassoc>
</recording>"""


def offer(direction: str = "sendonly") -> tuple[tuple[str, str], bytes]:
    """Header fields and body: two lines and who speaks on them."""
    described = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
    for label in (1, 2):
        described += [f"m=audio {40000 + 2 * label} RTP/AVP 0", f"a=label:{label}", f"a={direction}"]
    parts = (("application/sdp", "\r\n".join(described) + "\r\n"), ("application/rs-metadata+xml", METADATA))
    text = "".join(f"--{BOUNDARY}\r\nContent-Type: {kind}\r\n\r\n{content}\r\n" for kind, content in parts)
    fields = (f"Content-Type: multipart/mixed;boundary={BOUNDARY}", "Require: siprec")
    return fields, f"{text}--{BOUNDARY}--\r\n".encode()


@dataclass(kw_only=True)
class Recorder:
    """A server that takes calls."""

    server: Running
    sip: dict[str, int]
    spools: Spools

    def recordings(self) -> list[dict[str, Any]]:
        listed = self.server.callvault("list", "--account", "acme")
        return list(listed if isinstance(listed, list) else listed["recordings"])

    async def until(self, what: Callable[[], Any]) -> Any:
        """The first answer that says something."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := await asyncio.to_thread(what)):  # noqa: ASYNC110 - of other processes
                await asyncio.sleep(0.1)
        return found

    def signalling(self) -> int | None:
        """The process that talks SIP."""
        for path in Path("/proc").glob("[0-9]*"):
            try:
                command, environment = (path / "cmdline").read_bytes(), (path / "environ").read_bytes()
            except OSError:
                continue
            if b"callvault.server.capture.signalling" in command and bytes(self.server.data) in environment:
                return int(path.name)
        return None


@contextmanager
def a_recorder(folder: Path, *, tls: bool = False, sip: dict[str, int] | None = None) -> Iterator[Recorder]:
    data = folder / "data"
    if not data.exists():
        run_callvault(data, "account", "add", "acme")
        run_callvault(data, "trunk", "add", "sbc", "--account", "acme", "--network", "127.0.0.1")
    transports = ["udp", "tcp", *(["tls"] if tls else [])]
    ports = sip or {transport: free_port() for transport in transports}
    first_media_port = free_ports(40)
    environment = {
        "CALLVAULT_SIP_LISTEN": " ".join(f"{transport}:127.0.0.1:{port}" for transport, port in ports.items()),
        "CALLVAULT_MEDIA_PORTS": f"{first_media_port}-{first_media_port + 39}",
        "CALLVAULT_SPOOL_FLOOR_BYTES": "0",
        "CALLVAULT_LOG_LEVEL": "info",
    }
    if tls:
        certificates = certify(folder / "certificates")
        environment["CALLVAULT_SIP_TLS_CERT"] = str(certificates.certificate)
        environment["CALLVAULT_SIP_TLS_KEY"] = str(certificates.key)
    with running(data, environment=environment) as server:
        yield Recorder(server=server, sip=ports, spools=Spools(data / "spool"))


@dataclass(kw_only=True)
class Speaker:
    """Two streams of a call, each octet of which is known."""

    ports: list[int]
    sent: int = 0

    @classmethod
    def at(cls, answer: bytes) -> Speaker:
        """Where the answer says."""
        return cls(ports=[int(port) for port in re.findall(rb"m=audio (\d+)", body_of(answer))])

    async def speak(self, packets: int) -> None:
        """The next so many packets of both, in their own time."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outlet:
            outlet.bind(("127.0.0.1", 0))
            for _ in range(packets):
                for ssrc, (port, sound) in enumerate(zip(self.ports, (FIRST, SECOND), strict=True), start=1):
                    header = struct.pack("!BBHII", 0x80, 0, self.sent, 160 * self.sent, ssrc)
                    outlet.sendto(header + sound[160 * self.sent : 160 * self.sent + 160], ("127.0.0.1", port))
                self.sent += 1
                await asyncio.sleep(0.02)


async def begin(client: SipClient) -> Speaker:
    fields, body = offer()
    answer = await client.invite(*fields, body=body)
    assert status(answer) == 200, answer
    return Speaker.at(answer)


async def hang_up(client: SipClient) -> None:
    client.send(client.request("BYE"))
    assert status(await client.final()) == 200


async def connected(recorder: Recorder, transport: str) -> None:
    """Once signalling answers; it is started after HTTP."""

    def answers() -> bool:
        return recorder.signalling() is not None

    await recorder.until(answers)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                async with a_client("tcp", "127.0.0.1", recorder.sip["tcp"], call="ping") as client:
                    client.send(client.request("OPTIONS"))
                    if status(await client.final()) == 200:
                        return
            except ConnectionError:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_a_call_becomes_a_recording(tmp_path: Path, transport: str) -> None:
    with a_recorder(tmp_path, tls=transport == "tls") as recorder:
        await connected(recorder, transport)
        context = (
            ssl.create_default_context(cafile=tmp_path / "certificates" / "authority.pem")
            if transport == "tls"
            else None
        )
        async with a_client(transport, "127.0.0.1", recorder.sip[transport], tls=context) as client:
            speaker = await begin(client)
            await speaker.speak(50)
            await hang_up(client)
        (recording,) = await recorder.until(recorder.recordings)
        assert recording["status"] == "available"
        assert recording["channels"] == 2
        assert abs(recording["duration_ms"] - 1000) < 100


async def test_a_signalling_process_that_is_killed_is_followed_by_one_that_goes_on(tmp_path: Path) -> None:
    with a_recorder(tmp_path) as recorder:
        await connected(recorder, "udp")
        async with a_client("udp", "127.0.0.1", recorder.sip["udp"]) as client:
            speaker = await begin(client)
            await speaker.speak(15)
            killed = recorder.signalling()
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            await speaker.speak(15)
            await recorder.until(lambda: recorder.signalling() not in {None, killed})
            await connected(recorder, "udp")
            fields, body = offer()
            answer = await client.invite(*fields, body=body)
            assert status(answer) == 200
            assert Speaker.at(answer).ports == speaker.ports
            await speaker.speak(20)
            await hang_up(client)
        (recording,) = await recorder.until(recorder.recordings)
        assert recording["channels"] == 2
        assert recording["duration_ms"] >= 1000


async def test_a_server_that_is_stopped_hangs_up_and_keeps_what_came(tmp_path: Path) -> None:
    with a_recorder(tmp_path) as recorder:
        await connected(recorder, "udp")
        async with a_client("udp", "127.0.0.1", recorder.sip["udp"]) as client:
            speaker = await begin(client)
            await speaker.speak(25)
            recorder.server.process.send_signal(signal.SIGTERM)
            bye = await client.asked()
            assert bye.startswith(b"BYE ")
            await asyncio.to_thread(recorder.server.process.wait, PATIENCE_S)
    with a_recorder(tmp_path) as recorder:
        (recording,) = await recorder.until(recorder.recordings)
        assert abs(recording["duration_ms"] - 500) < 100
