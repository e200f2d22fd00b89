"""A bucket of one's own from end to end: chosen over Telnyx's API, filled by intake, heard after a restart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import obstore

from tests.services.s3 import S3Server
from tests.system.archive import command, decoded
from tests.system.running import Running, running
from tests.world import tone_of_silence

TRUNK = "2100000000000000001"
LOOPBACK = {"CALLVAULT_STORAGE_NETWORKS": "127.0.0.0/8"}


def add(server: Running, folder: Path, milliseconds: int) -> Any:
    """Take in a recording of the connection, as any door would."""
    file = folder / f"{milliseconds}.wav"
    file.write_bytes(tone_of_silence(2, milliseconds))
    file.with_name(file.name + ".json").write_text(json.dumps({"connection_id": TRUNK}))
    (entry,) = command(server, "add", str(file), "--account", "acme")
    return entry


def in_bucket(server: S3Server, bucket: str) -> list[str]:
    return [entry["path"] for batch in obstore.list(server.store(bucket)) for entry in batch]


def kept_here(data: Path) -> list[Path]:
    return [path for path in (data / "media").rglob("*") if path.is_file()]


def test_a_bucket_of_ones_own(tmp_path: Path, s3_server: S3Server) -> None:
    data, bucket = tmp_path / "data", s3_server.fresh_bucket()
    keys = {
        "bucket": bucket,
        "endpoint": s3_server.endpoint,
        "aws_access_key_id": s3_server.access_key,
        "aws_secret_access_key": s3_server.secret_key,
    }
    with running(data, environment=LOOPBACK) as server:
        told = command(server, "account", "add", "acme")["dialects"]["telnyx"]
        headers = {"Authorization": f"Bearer {told['api_key']}"}
        with httpx.Client(base_url=told["base_url"], headers=headers, timeout=30) as client:
            path = f"/custom_storage_credentials/{TRUNK}"
            chosen = client.post(path, json={"backend": "s3-generic", "configuration": keys})
            assert chosen.status_code == 200, chosen.text
            assert client.get(path).json() == chosen.json()
            add(server, tmp_path, 1500)
            (there,) = client.get("/recordings").json()["data"]
            assert (there["connection_id"], there["duration_millis"]) == (TRUNK, 1500)
            assert decoded(client.get(there["download_urls"]["wav"]).content, tmp_path).shape == (12_000, 2)
            assert len(in_bucket(s3_server, bucket)) == 1
            wrong = client.put(
                path, json={"backend": "s3-generic", "configuration": {**keys, "aws_secret_access_key": "wrong"}}
            )
            assert wrong.status_code == 200, wrong.text
            misplaced = add(server, tmp_path, 1000)
            (note,) = command(server, "show", misplaced["id"])["recording"]["notes"]
            assert f"connection {TRUNK}" in note
            client.put(path, json={"backend": "s3-generic", "configuration": keys}).raise_for_status()
    assert len(kept_here(data)) == 1
    secret = s3_server.secret_key.encode()
    assert [path for path in data.rglob("*") if path.is_file() and secret in path.read_bytes()] == []
    with running(data, environment=LOOPBACK) as server:
        base_url = f"{server.url}/v2"
        with httpx.Client(base_url=base_url, headers=headers, timeout=30) as client:
            lengths = {}
            for entry in client.get("/recordings").json()["data"]:
                audio = decoded(client.get(entry["download_urls"]["mp3"]).content, tmp_path)
                lengths[entry["duration_millis"]] = len(audio) // 8
            assert set(lengths) == {1500, 1000}
            assert all(abs(length - milliseconds) < 300 for milliseconds, length in lengths.items()), lengths
            assert client.delete(f"/recordings/{there['id']}").status_code == 200
            assert in_bucket(s3_server, bucket) == []
            assert client.delete(path).status_code == 204
            assert client.get(path).status_code == 404
            add(server, tmp_path, 700)
            assert len(kept_here(data)) == 2
            assert in_bucket(s3_server, bucket) == []
