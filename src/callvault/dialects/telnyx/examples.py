"""Lines to paste into a shell: the page as ``curl`` asks for it, and the vendor's SDK."""

from __future__ import annotations

from collections.abc import Mapping

from callvault.dialects.toolbox.snippets import python_snippet


def examples(credentials: Mapping[str, str], names: Mapping[str, str]) -> tuple[str, ...]:
    """``names``: of the recording whose audio the snippet fetches."""
    base, key = credentials["base_url"], credentials["api_key"]
    return (
        f"curl -H 'Authorization: Bearer {key}' '{base}/recordings'",
        python_snippet(
            "telnyx",
            f"""
            from urllib.request import urlopen
            from telnyx import Telnyx
            client = Telnyx(api_key="{key}", base_url="{base}")
            for recording in client.recordings.list():
                print(recording.id, recording.duration_millis, recording.channels)
            one = client.recordings.retrieve("{names["recording_id"]}").data
            print(len(urlopen(one.download_urls.mp3).read()), "bytes of audio")
            """,
        ),
    )
