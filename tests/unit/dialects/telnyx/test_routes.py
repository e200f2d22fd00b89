"""Telnyx's table of paths."""

from __future__ import annotations

from callvault.dialects.telnyx import DIALECT
from callvault.dialects.telnyx.routes import ROUTES

TEXML = "/v2/texml/Accounts/{account}"


def test_the_paths_are_the_vendors() -> None:
    assert {(route.method, route.path) for route in ROUTES} == {
        ("GET", "/v2/recordings"),
        ("GET", "/v2/recordings/{recording}"),
        ("DELETE", "/v2/recordings/{recording}"),
        ("POST", "/v2/recordings/actions/delete"),
        ("DELETE", "/v2/recordings/{recording}/actions/delete"),
        ("GET", "/v2/recording_transcriptions"),
        ("GET", "/v2/recording_transcriptions/{transcription}"),
        ("DELETE", "/v2/recording_transcriptions/{transcription}"),
        *((method, "/v2/custom_storage_credentials/{connection}") for method in ("GET", "POST", "PUT", "DELETE")),
        ("GET", TEXML + "/Recordings.json"),
        ("GET", TEXML + "/Recordings/{recording}"),
        ("DELETE", TEXML + "/Recordings/{recording}"),
        ("GET", TEXML + "/Calls/{call}/Recordings.json"),
        ("POST", TEXML + "/Calls/{call}/Recordings.json"),
        ("POST", TEXML + "/Calls/{call}/Recordings/{recording}"),
        *(
            ("POST", f"/v2/{subject}/actions/record_{verb}")
            for subject in ("calls/{call}", "conferences/{conference}")
            for verb in ("start", "stop", "pause", "resume")
        ),
        ("GET", TEXML + "/Conferences/{conference}/Recordings"),
        ("GET", TEXML + "/Conferences/{conference}/Recordings.json"),
    }


def test_every_line_is_described_and_none_is_public() -> None:
    assert all(route.about and not route.public for route in ROUTES)
    assert DIALECT.routes is ROUTES
