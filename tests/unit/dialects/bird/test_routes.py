"""Bird's table of paths."""

from __future__ import annotations

from callvault.dialects.bird import DIALECT
from callvault.dialects.bird.routes import ROUTES

WORKSPACE = "/workspaces/{workspace}"
CALL = WORKSPACE + "/channels/{channel}/calls/{call}/recordings"


def test_the_paths_are_the_vendors() -> None:
    assert {(route.method, route.path) for route in ROUTES} == {
        ("GET", WORKSPACE + "/recordings"),
        ("GET", WORKSPACE + "/recordings/{recording}"),
        ("DELETE", WORKSPACE + "/recordings/{recording}"),
        ("GET", CALL),
        ("GET", CALL + "/{recording}"),
        ("POST", WORKSPACE + "/channels/{channel}/calls/{call}/record"),
        ("POST", CALL),
        ("PATCH", CALL + "/{recording}"),
        ("POST", WORKSPACE + "/recordings/{recording}/transcriptions"),
        ("GET", WORKSPACE + "/transcriptions"),
        ("GET", WORKSPACE + "/transcriptions/{transcription}"),
    }


def test_every_line_is_described_and_none_is_public() -> None:
    assert all(route.about and not route.public for route in ROUTES)
    assert DIALECT.routes is ROUTES
