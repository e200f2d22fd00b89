"""What has outgrown one machine: a real PostgreSQL, a real S3 server, two servers on the same data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np

from tests.services.postgres import PostgresServer
from tests.services.s3 import S3Server
from tests.system.archive import CARDS, decoded, fill
from tests.system.running import running
from tests.world import tone_of_silence


def environment_of(dsn: str, s3_server: S3Server) -> dict[str, str]:
    return {
        "CALLVAULT_DATABASE": dsn,
        "CALLVAULT_STORE": f"s3://{s3_server.fresh_bucket()}/archive",
        "CALLVAULT_STORE_ENDPOINT": s3_server.endpoint,
        "CALLVAULT_STORE_REGION": s3_server.region,
        "CALLVAULT_STORE_ACCESS_KEY": s3_server.access_key,
        "CALLVAULT_STORE_SECRET_KEY": s3_server.secret_key,
        "CALLVAULT_MASTER_KEY": "5c" * 32,
    }


def test_two_nodes_serve_what_either_took_in(
    postgres_server: PostgresServer, s3_server: S3Server, tmp_path: Path
) -> None:
    environment = environment_of(postgres_server.fresh_database(), s3_server)
    with (
        running(tmp_path / "one", environment=environment) as one,
        running(tmp_path / "two", environment=environment) as two,
    ):
        filled = fill(one, tmp_path, "acme")
        key = {"Authorization": f"Bearer {filled.credentials('callvault')['key']}"}
        page = httpx.get(f"{two.url}/v2/recordings", headers=key, timeout=30).json()
        assert [item["id"] for item in page["data"]] == filled.names("telnyx", "recording_id")[::-1]
        assert page["meta"]["total_results"] == len(CARDS)
        link = page["data"][0]["download_urls"]["wav"]
        audio = httpx.get(link.replace(f":{two.port}", f":{one.port}"), timeout=30)
        assert np.array_equal(decoded(audio.content, tmp_path), filled.samples[-1]), "a link opens on every node"
        mp3 = httpx.get(page["data"][0]["download_urls"]["mp3"], headers={"Range": "bytes=0-99"}, timeout=30)
        assert mp3.status_code == 206
        content = tone_of_silence(1, 3000)
        sent = httpx.post(f"{two.url}/callvault/v1/recordings", headers=key, content=content, timeout=30)
        assert sent.status_code == 201
        again = httpx.post(f"{one.url}/callvault/v1/recordings", headers=key, content=content, timeout=30)
        assert again.status_code == 200, "the other node knows that it is there"
        original = httpx.get(
            f"{one.url}{httpx.URL(sent.headers['location']).path}/media?format=original", headers=key, timeout=30
        )
        assert hashlib.sha256(original.content).digest() == hashlib.sha256(content).digest()
        assert (
            httpx.delete(f"{one.url}/v2/recordings/{page['data'][0]['id']}", headers=key, timeout=30).status_code == 200
        )
        assert httpx.get(link, timeout=30).status_code == 404, "what one node deleted the other does not open"
        kept = list((tmp_path / "one").rglob("*.wav")) + list((tmp_path / "two").rglob("media/*"))
        assert kept == [], "originals are in the bucket, not in a data folder"


def test_a_killed_node_leaves_all_or_nothing_in_the_bucket(
    durable_postgres_server: PostgresServer, s3_server: S3Server, tmp_path: Path
) -> None:
    environment = environment_of(durable_postgres_server.fresh_database(), s3_server)
    with running(tmp_path / "one", environment=environment) as one:
        key = one.callvault("account", "add", "acme")["key"]["token"]
        headers = {"Authorization": f"Bearer {key}"}
        content = tone_of_silence(2, 60_000)
        assert (
            httpx.post(f"{one.url}/callvault/v1/recordings", headers=headers, content=content, timeout=30).status_code
            == 201
        )

        def half() -> Iterator[bytes]:
            yield tone_of_silence(1, 120_000)[:500_000]
            one.kill()
            yield b"never sent"

        with suppress(httpx.TransportError):
            httpx.post(f"{one.url}/callvault/v1/recordings", headers=headers, content=half(), timeout=30)
    with running(tmp_path / "one", environment=environment) as one:
        listed = one.callvault("list", "--account", "acme")
        assert listed["total"] == 1
        bucket = environment["CALLVAULT_STORE"].split("/")[2]
        stored = [entry["path"] for batch in s3_server.store(bucket).list() for entry in batch]
        assert [path.removeprefix("archive/") for path in stored] == [listed["recordings"][0]["media"]["key"]]
        assert list((tmp_path / "one" / "incoming").iterdir()) == []
