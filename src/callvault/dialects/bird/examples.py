"""Lines to paste into a shell.  Bird's clients have no recordings of their own, so the snippet is plain HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from callvault.dialects.toolbox.snippets import python_snippet


def examples(credentials: Mapping[str, str], names: Mapping[str, str]) -> tuple[str, ...]:
    """``names``: of the recording whose audio the snippet fetches."""
    base, workspace, key = credentials["base_url"], credentials["workspace_id"], credentials["access_key"]
    return (
        f"curl -H 'Authorization: Bearer {key}' '{base}/workspaces/{workspace}/recordings'",
        python_snippet(
            "httpx",
            f"""
            import httpx
            key = {{"Authorization": "AccessKey {key}"}}
            listing = httpx.get("{base}/workspaces/{workspace}/recordings", headers=key).json()
            for recording in listing["results"]:
                print(recording["id"], recording["duration"], recording["status"])
            one = httpx.get("{names["url"]}", headers=key).json()
            print(len(httpx.get(one["url"]).content), "bytes of audio")
            """,
        ),
    )
