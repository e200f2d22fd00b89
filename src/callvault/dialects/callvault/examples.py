"""Lines to paste into a shell, for our own API."""

from __future__ import annotations

from collections.abc import Mapping

from callvault.dialects.toolbox.snippets import python_snippet


def examples(credentials: Mapping[str, str], names: Mapping[str, str]) -> tuple[str, ...]:
    """``names``: of the recording whose audio the lines fetch."""
    base, key = credentials["base_url"], credentials["key"]
    return (
        f"curl -H 'Authorization: Bearer {key}' '{base}/recordings?total=true&sort=started'",
        f"curl -H 'Authorization: Bearer {key}' -o recording.flac '{names['media_url']}?format=flac'",
        python_snippet(
            "httpx",
            f"""
            import httpx
            with httpx.Client(base_url="{base}/", headers={{"Authorization": "Bearer {key}"}}) as client:
                page = client.get("recordings", params={{"sort": "started", "total": "true"}}).json()
                print(page)
                print(len(client.get("{names["media_url"]}", params={{"format": "mp3"}}).content), "bytes of audio")
            """,
        ),
    )
