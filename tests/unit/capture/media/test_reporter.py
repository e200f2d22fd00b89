"""Receiver reports of encrypted streams: sealed, and no keystream comes twice, whatever else of an aim changes."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pylibsrtp
import pytest

from callvault.capture.aim import Aim
from callvault.capture.media.engine import Engine
from callvault.capture.media.reporter import EVERY_NS
from callvault.capture.spools import Spools
from callvault.protocols.srtp import PROFILES
from callvault.protocols.srtp_keys import KEY_BYTES, SrtpKey
from tests.unit.capture.media.test_draining import TAKE, media_socket, rtp


def key(number: int, suite: str = "AES_CM_128_HMAC_SHA1_80", mki: bytes = b"") -> SrtpKey:
    return SrtpKey(suite=suite, secret=bytes(range(number, number + KEY_BYTES[suite])), mki=mki)


class Reported:
    """An engine with one stream, and whoever is told how it arrives."""

    def __init__(self, folder: Path) -> None:
        self.engine = Engine(Spools(folder), cname=b"test")
        self.media = media_socket()
        self.engine.put(TAKE, 0, self.media, self.media)
        self.phone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.phone.bind(("127.0.0.1", 0))
        self.phone.settimeout(10)
        host, port = self.phone.getsockname()
        self.aim = Aim(host=host, port=port)
        self._now_ns = time.time_ns()
        self._number = 0

    def told(self, aim: Aim) -> bytes:
        """The next report, in the clock of this test."""
        self.engine.aim(TAKE, 0, aim, self._now_ns)
        self._now_ns += 2 * EVERY_NS
        self._number += 1
        self.phone.sendto(rtp(self._number), self.media.getsockname())
        self.engine.round(self._now_ns, lambda: None)
        return self.phone.recv(2000)

    def close(self) -> None:
        file = self.engine.remove(TAKE, None, self._now_ns)
        assert file is not None
        file.close()
        self.phone.close()


@pytest.fixture
def reported(tmp_path: Path) -> Iterator[Reported]:
    made = Reported(tmp_path)
    yield made
    made.close()


def opened(packet: bytes, under: SrtpKey) -> bytes:
    policy = pylibsrtp.Policy(
        key=under.secret, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=PROFILES[under.suite]
    )
    return pylibsrtp.Session(policy).unprotect_rtcp(packet)


@pytest.mark.parametrize("suite", sorted(PROFILES))
def test_a_report_is_sealed_with_the_key_of_its_aim(reported: Reported, suite: str) -> None:
    report = opened(reported.told(replace(reported.aim, key=key(1, suite))), key(1, suite))
    assert report[:4] == bytes.fromhex("81c90007")
    assert b"\x01\x04test" in report


def test_a_stream_that_is_encrypted_later_is_told_so_in_clear_before(reported: Reported) -> None:
    assert reported.told(reported.aim)[:4] == bytes.fromhex("81c90007")
    assert opened(reported.told(replace(reported.aim, key=key(1))), key(1))[:4] == bytes.fromhex("81c90007")


def test_no_source_and_index_come_again_under_a_key(reported: Reported) -> None:
    first = replace(reported.aim, key=key(1), theirs=(key(3),))
    aims = [first, first, replace(first, theirs=(key(4, mki=b"\1"),)), replace(first, key=key(2)), first]
    sealed = [reported.told(aim) for aim in aims]
    for packet, aim in zip(sealed, aims, strict=True):
        assert aim.key is not None
        assert opened(packet, aim.key)
    sources = [packet[4:8] for packet in sealed]
    assert sources[0] == sources[1] == sources[2]
    assert len(set(sources)) == 3
    indices = [packet[-14:-10] for packet in sealed]
    assert indices == sorted(set(indices))
