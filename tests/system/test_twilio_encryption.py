"""Twilio's own client brings a public key; what is recorded from then on only the private key's holder can hear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from callvault.audio.wav_header import wav_header
from tests.system.archive import fill
from tests.system.conversation import Client, hold, refuses, says
from tests.system.running import Running, run_callvault
from tests.unsealing import new_key, pem_of, unsealed

CLIENTS = tuple(
    Client(name=name, script="twilio_keys.py", exceptions=dict.fromkeys((400, 401), "TwilioRestException"))
    for name in ("twilio", "twilio-8")
)
NOISE = np.random.default_rng(5).integers(-9000, 9000, (8000, 2), np.int16)


@pytest.mark.parametrize("client", [client.parameter() for client in CLIENTS])
def test_a_key_comes_in_and_ciphertext_goes_out(client: Client, server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, f"sealed-{client.name}")
    credentials, private = filled.credentials("signalwire"), new_key()
    statements = [
        says("a key", "add_key", {"pem": pem_of(private), "name": "ours"}, "CR"),
        says("the account's keys", "keys", {}, ["ours"]),
        refuses("what is no key", "add_key", {"pem": "no key", "name": "theirs"}, status=400, code=20001),
    ]
    hold(client, credentials, statements)
    (key,) = get(credentials, "/v1/Credentials/PublicKeys").json()["credentials"]
    account = filled.account["account"]["name"]
    run_callvault(server.data, "account", "set", account, "--encryption-key", key["sid"])
    file = tmp_path / "sealed.wav"
    file.write_bytes(wav_header(samples=len(NOISE), channels=2, sample_rate=8000) + NOISE.astype("<i2").tobytes())
    run_callvault(server.data, "add", str(file), "--account", account)
    root = f"/2010-04-01/Accounts/{credentials['account_sid']}/Recordings"
    (item,) = [
        each for each in get(credentials, f"{root}.json").json()["recordings"] if each["encryption_details"] is not None
    ]
    details = item["encryption_details"]
    hold(client, credentials, [says("how it was encrypted", "details", {"recording": item["sid"]}, details)])
    content = get(credentials, f"{root}/{item['sid']}.wav").content
    heard = unsealed(private, content, cek=details["encrypted_cek"], iv=details["iv"])
    assert (np.frombuffer(heard[-NOISE.nbytes :], dtype="<i2").reshape(-1, 2) == NOISE).all()
    assert NOISE.astype("<i2").tobytes()[:64] not in content
    assert details["public_key_sid"] == key["sid"]


def get(credentials: dict[str, Any], path: str) -> httpx.Response:
    reply = httpx.get(
        credentials["twilio_base_url"] + path,
        auth=(credentials["account_sid"], credentials["auth_token"]),
        trust_env=False,
    )
    assert reply.status_code == 200, reply.text
    return reply
