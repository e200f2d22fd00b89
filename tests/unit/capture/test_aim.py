"""An aim is the same in every process that it is told to, and is never too long to be told."""

from __future__ import annotations

import json

import pytest

from callvault.capture.aim import MOST_KEY_CHARACTERS, Aim, read_aim, write_aim
from callvault.protocols.srtp_keys import SrtpKey, write_keys

OURS = SrtpKey(suite="AEAD_AES_256_GCM", secret=bytes(range(44)))
THEIRS = SrtpKey(suite="AEAD_AES_256_GCM", secret=bytes(range(44, 88)), mki=b"\0\0\0\1", lifetime=1 << 31)


@pytest.mark.parametrize(
    "aim", [None, Aim(host="192.0.2.7", port=4001), Aim.secure(("2001:db8::7", 4001), OURS, [THEIRS])]
)
def test_an_aim_is_read_as_it_was_written(aim: Aim | None) -> None:
    assert read_aim(json.loads(json.dumps(write_aim(aim)))) == aim


def test_a_senders_keys_are_told_unless_they_are_too_many() -> None:
    one = Aim.secure(("192.0.2.7", 4001), OURS, [THEIRS])
    assert one.theirs == (THEIRS,)
    many = [SrtpKey(suite=OURS.suite, secret=OURS.secret, mki=bytes([number])) for number in range(20)]
    assert Aim.secure(("192.0.2.7", 4001), OURS, many).theirs == ()
    assert len(write_keys(one.theirs)) <= MOST_KEY_CHARACTERS


def test_keys_are_not_shown() -> None:
    assert "secret" not in repr(Aim.secure(("192.0.2.7", 4001), OURS, [THEIRS]))
