"""Bird, whose clients have no recordings, spoken to in plain HTTP; and what is kept on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.system.archive import LAST, fill
from tests.system.running import Running


@pytest.mark.parametrize("scheme", ["Bearer", "AccessKey"])
def test_bird(scheme: str, server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, f"bird-{scheme}")
    told = filled.credentials("bird")
    ids = filled.names("bird", "recording_id")
    base = f"{told['base_url']}/workspaces/{told['workspace_id']}/recordings"
    items: list[dict[str, Any]] = []
    with httpx.Client(timeout=20, headers={"Authorization": f"{scheme} {told['access_key']}"}) as client:
        page: dict[str, Any] = client.get(base, params={"limit": 2}).json()
        items += page["results"]
        while "nextPageToken" in page:
            page = client.get(base, params={"limit": 2, "pageToken": page["nextPageToken"]}).json()
            items += page["results"]
        assert [item["id"] for item in items] == ids[::-1]
        redirected = client.get(f"{base}/{ids[LAST]}.mp3")
        assert redirected.status_code == 307
        filled.about(LAST)(httpx.get(redirected.headers["location"], timeout=30).content.hex())
        assert client.get(f"{base}/{ids[LAST]}").json()["id"] == ids[LAST]
        assert client.delete(f"{base}/{ids[LAST]}").is_success
        assert client.get(f"{base}/{ids[LAST]}").status_code == 404
    last = items[0]
    assert (last["stereo"], last["duration"]) == (True, 1)
    assert httpx.get(base, timeout=30).status_code == 401
    assert httpx.get(last["url"].replace("signature=", "signature=x"), timeout=30).status_code == 403


def test_a_link_of_birds_opens_the_audio_for_anybody(server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, "bird-link")
    told = filled.credentials("bird")
    base = f"{told['base_url']}/workspaces/{told['workspace_id']}/recordings"
    newest = httpx.get(base, headers={"Authorization": f"AccessKey {told['access_key']}"}, timeout=30).json()[
        "results"
    ][0]
    filled.exactly(LAST)(httpx.get(newest["url"], timeout=30).content.hex())


def test_what_came_in_is_what_is_kept(server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, "kept")
    media = filled.shown[LAST]["recording"]["media"]
    kept = (server.data / "media" / media["key"]).read_bytes()
    assert kept == (tmp_path / f"kept-{LAST}.wav").read_bytes()
    assert hashlib.sha256(kept).hexdigest() == media["sha256"]
