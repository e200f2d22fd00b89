"""The C programs of ``bench/capture`` do what is claimed of them: every octet that is sent can be worked out again."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.capture import programs, streams

from tests.services.need import Missing


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> programs.Programs:
    try:
        return programs.compiled(tmp_path_factory.mktemp("programs"))
    except Missing as missing:
        pytest.fail(str(missing))


@pytest.mark.parametrize(("host", "together"), [("127.0.0.1", 1), ("127.0.0.1", 4), ("::1", 1)])
def test_what_the_sender_sends_is_what_the_receiver_writes(
    both: programs.Programs, tmp_path: Path, host: str, together: int
) -> None:
    written = tmp_path / "written"
    with programs.receiving(both, written, streams=40, host=host, tick_ms=20) as receiver:
        with programs.sending(
            both, tmp_path, ports=receiver.ports, packets=25, seed=7, host=host, interval_us=2_000, together=together
        ) as sender:
            sent = sender.report()
        taken = receiver.report()
    assert (sent["packets"], sent["refused"]) == (1_000, 0)
    assert (taken["packets"], taken["wrong_size"]) == (1_000, 0)
    came = streams.gathered(written.read_bytes())
    assert sorted(came) == list(range(40))
    for stream, payloads in came.items():
        assert payloads.tobytes() == streams.payloads(7, stream, 25).tobytes()


def test_the_headers_are_those_of_one_unbroken_stream(both: programs.Programs, tmp_path: Path) -> None:
    written = tmp_path / "written"
    with programs.receiving(both, written, streams=1, tick_ms=20) as receiver:
        with programs.sending(both, tmp_path, ports=receiver.ports, packets=20, seed=99, interval_us=1_000) as sender:
            sender.report()
        receiver.report()
    first = streams.beginning(99, 0)
    packets = [written.read_bytes()[at : at + 172] for at in range(0, 20 * 172, 172)]
    for number, packet in enumerate(packets):
        assert packet[:2] == (b"\x80\x80" if number == 0 else b"\x80\x00")
        assert int.from_bytes(packet[2:4], "big") == (first.sequence + number) % (1 << 16)
        assert int.from_bytes(packet[4:8], "big") == (first.timestamp + number * 160) % (1 << 32)
        assert int.from_bytes(packet[8:12], "big") == first.ssrc


def test_payloads_of_other_seeds_and_streams_are_others() -> None:
    assert len({streams.digest(seed, stream, 3) for seed in (1, 2) for stream in range(4)}) == 8
