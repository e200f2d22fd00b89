"""Lines to paste into a shell.  Kazoo's clients have no recordings of their own, so the snippet is plain HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from callvault.dialects.toolbox.snippets import python_snippet


def examples(credentials: Mapping[str, str], names: Mapping[str, str]) -> tuple[str, ...]:
    """``names``: of the recording whose audio the lines fetch."""
    base, account, key = credentials["base_url"], credentials["account_id"], credentials["api_key"]
    return (
        f"curl -H 'X-Auth-Token: {key}' '{base}/accounts/{account}/recordings'",
        f"curl -H 'X-Auth-Token: {key}' -o recording.audio '{names['media_url']}&inline=true'",
        python_snippet(
            "httpx",
            f"""
            import httpx
            login = httpx.put("{base}/api_auth", json={{"data": {{"api_key": "{key}"}}}}).json()
            token = {{"X-Auth-Token": login["auth_token"]}}
            listing = httpx.get("{base}/accounts/{account}/recordings", headers=token).json()
            for recording in listing["data"]:
                print(recording["id"], recording["duration"], recording["_read_only"]["content_types"])
            audio = httpx.get("{names["url"]}", headers=token | {{"Accept": "audio/mpeg"}})
            print(len(audio.content), "bytes of", audio.headers["content-type"])
            """,
        ),
    )
