"""Lines to paste into a shell: the page as ``curl`` asks for it, and the vendor's SDK."""

from __future__ import annotations

from collections.abc import Mapping

from callvault.dialects.toolbox.snippets import python_snippet


def examples(credentials: Mapping[str, str], names: Mapping[str, str]) -> tuple[str, ...]:
    """``names``: of the recording whose audio the snippet fetches."""
    base, account = credentials["base_url"], credentials["account_id"]
    user, password = credentials["username"], credentials["password"]
    return (
        f"curl -u '{user}:{password}' '{base}/accounts/{account}/recordings'",
        python_snippet(
            "bandwidth-sdk",
            f"""
            import bandwidth
            configuration = bandwidth.Configuration(
                host="{base}", username="{user}", password="{password}", ignore_operation_servers=True
            )
            recordings = bandwidth.RecordingsApi(bandwidth.ApiClient(configuration))
            for recording in recordings.list_account_call_recordings("{account}"):
                print(recording.recording_id, recording.duration, recording.media_url)
            audio = recordings.download_call_recording("{account}", "{names["call_id"]}", "{names["recording_id"]}")
            print(len(audio), "bytes of audio")
            """,
        ),
    )
