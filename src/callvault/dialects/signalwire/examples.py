"""Lines to paste into a shell: the page as ``curl`` asks for it, and the SDKs of both vendors."""

from __future__ import annotations

from collections.abc import Mapping

from callvault.dialects.toolbox.snippets import python_snippet


def examples(credentials: Mapping[str, str], names: Mapping[str, str]) -> tuple[str, ...]:
    """``names``: of the recording whose audio the lines fetch.  SignalWire's own SDK works over https only."""
    project, token = credentials["project_id"], credentials["token"]
    twilio = python_snippet(
        "twilio",
        f"""
        from urllib.request import urlopen
        from twilio.rest import Client
        client = Client("{credentials["account_sid"]}", "{credentials["auth_token"]}")
        client.api.base_url = "{credentials["twilio_base_url"]}"
        for recording in client.recordings.list():
            print(recording.sid, recording.duration, recording.start_time)
        print(len(urlopen("{names["twilio_media_url"]}.mp3").read()), "bytes of audio")
        """,
    )
    signalwire = python_snippet(
        "signalwire==2.1.1",
        f"""
        from signalwire.rest import Client
        client = Client("{project}", "{token}", signalwire_space_url="{credentials["space_url"]}")
        for recording in client.recordings.list():
            print(recording.sid, recording.duration, recording.start_time)
        """,
    )
    lines = (
        f"curl -u '{project}:{token}' '{names['url']}'",
        f"curl -o recording.mp3 '{names['media_url']}.mp3'",
        twilio,
    )
    return (*lines, signalwire) if credentials["base_url"].startswith("https:") else lines
