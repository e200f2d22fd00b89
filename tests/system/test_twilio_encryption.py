"""Twilio's own client brings a public key, and only who has the private one hears what is recorded from then on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from callvault.audio.wav_header import wav_header
from tests.system.archive import RATE, Samples, command, decoded, fill
from tests.system.conversation import Client, hold, refuses, says
from tests.system.running import Running, run_callvault
from tests.unsealing import new_key, pem_of, unsealed

CLIENTS = tuple(
    Client(name=name, script="twilio_keys.py", exceptions=dict.fromkeys((400, 401, 404, 409), "TwilioRestException"))
    for name in ("twilio", "twilio-8")
)
UNKNOWN = "CR" + "0" * 32


@pytest.mark.parametrize("client", [client.parameter() for client in CLIENTS])
def test_only_the_private_key_opens_what_twilios_client_fetches(
    client: Client, server: Running, tmp_path: Path
) -> None:
    name = f"encrypted-{client.name}"
    credentials = fill(server, tmp_path, name).credentials("signalwire")
    private = new_key()
    sid = _bring_key(client, credentials, pem_of(private))
    run_callvault(server.data, "account", "set", name, "--encryption-key", sid, environment=server.environment)
    noise = np.random.default_rng(11).integers(-9000, 9000, (RATE, 2), np.int16)
    file = tmp_path / "call.wav"
    file.write_bytes(wav_header(samples=len(noise), channels=2, sample_rate=RATE) + noise.tobytes())
    command(server, "add", str(file), "--account", name)

    def same(heard: Samples) -> None:
        assert np.array_equal(heard, noise), "other samples"

    def as_long(heard: Samples) -> None:
        assert heard.shape[1] == 2
        assert abs(len(heard) - len(noise)) <= 2 * 1152
        assert np.abs(heard).max() > 1000, "silence"

    opens = Opened(private, sid, noise, tmp_path)
    hold(
        client,
        credentials,
        [
            says("its media", "encrypted", {"ending": ""}, opens.when("wav", same)),
            says("its WAV", "encrypted", {"ending": ".wav"}, opens.when("wav", same)),
            says("its MP3", "encrypted", {"ending": ".mp3"}, opens.when("mp3", as_long)),
            refuses("forgetting the key in force", "delete_key", {"sid": sid}, status=409, code=20009),
        ],
    )


class Opened:
    """What the holder of the private key makes of it."""

    def __init__(self, private: RSAPrivateKey, sid: str, plain: Samples, folder: Path) -> None:
        self._private = private
        self._sid = sid
        self._plain = plain.tobytes()
        self._folder = folder

    def when(self, form: str, holds: Any) -> Any:
        """A check that the media is ciphertext, and that ``holds`` of what is heard in it."""

        def check(said: dict[str, Any]) -> None:
            details, content = said["details"], bytes.fromhex(said["content"])
            assert said["listed"] == details
            assert details["type"] == "rsa-aes"
            assert details["public_key_sid"] == details["encryption_public_key_sid"] == self._sid
            assert details["encrypted_cek"] == details["encryption_cek"]
            assert not content.startswith(b"RIFF")
            assert self._plain[:64] not in content
            (vector,) = (
                made["iv"] for made in details["renditions"] if (made["format"], made["channels"]) == (form, 2)
            )
            assert form != "wav" or vector == details["encryption_iv"] == details["iv"]
            holds(decoded(unsealed(self._private, content, cek=details["encryption_cek"], iv=vector), self._folder))

        return check


def _bring_key(client: Client, credentials: dict[str, str], pem: str) -> str:
    """Two come, are looked at, and one goes again; the sid of the one that stays."""
    sids: dict[str, str] = {}

    def noted(name: str) -> Any:
        def check(said: dict[str, Any]) -> None:
            assert (said["name"], said["created"]) == (name, True)
            assert said["sid"].startswith("CR")
            sids[name] = said["sid"]

        return check

    def lists(said: list[str]) -> None:
        assert sorted(said) == sorted(sids.values())

    hold(
        client,
        credentials,
        [
            says("a key", "create_key", {"public_key": pem, "friendly_name": "ours"}, noted("ours")),
            says("another", "create_key", {"public_key": pem, "friendly_name": "spare"}, noted("spare")),
            says("all, one by one", "keys", {"page_size": 1}, lists),
            refuses(
                "what is no key",
                "create_key",
                {"public_key": "no key", "friendly_name": ""},
                status=400,
                code=20001,
            ),
            refuses("a key that is not there", "get_key", {"sid": UNKNOWN}, status=404, code=20404),
            refuses(
                "without credentials",
                "get_key",
                {"sid": UNKNOWN},
                credentials={"auth_token": "no"},
                status=401,
                code=20003,
            ),
        ],
    )
    ours, spare = sids["ours"], sids["spare"]
    renamed = {"sid": ours, "name": "theirs", "created": True}
    hold(
        client,
        credentials,
        [
            says("by another name", "rename_key", {"sid": ours, "friendly_name": "theirs"}, renamed),
            says("one", "get_key", {"sid": ours}, renamed),
            says("one goes", "delete_key", {"sid": spare}, True),
            refuses("what went", "delete_key", {"sid": spare}, status=404, code=20404),
            says("what is left", "keys", {}, [ours]),
        ],
    )
    return ours
