"""What a path says: base, vendor, form."""

from __future__ import annotations

import pytest

from callvault.dialects.signalwire import paths
from callvault.dialects.signalwire.words import Vendor
from callvault.model.media import MediaFormat
from callvault.wire import WireRequest
from tests.unit.dialects.signalwire.asking import BOTH, PROJECT, ROUTER, TWILIO, asking, named


@pytest.mark.parametrize("asked", paths.BASES)
def test_every_base_is_served_and_named_once_in_the_answer(asked: str) -> None:
    request = asking(f"{asked}{TWILIO.removeprefix(paths.BARE)}/Recordings.json").request
    assert request.parts["account"] == TWILIO.rpartition("/")[2]
    answered = paths.own_path(request)
    assert answered.count("2010-04-01") == 1
    assert answered.startswith("/api/laml/" if "laml" in asked else "/2010-04-01/")


@pytest.mark.parametrize("told", ["", "/api/laml", "/api/laml/2010-04-01", "/2010-04-01"])
def test_a_client_that_puts_its_base_before_every_uri_can_follow_pages_for_ever(told: str) -> None:
    path = f"{told}{TWILIO}/Recordings.json"  # the client's version has its own /2010-04-01
    for _ in range(4):
        assert ROUTER.match("GET", path).route is not None, path
        path = told + paths.own_path(asking(path).request)


def test_the_vendor_is_told_even_where_no_route_matches() -> None:
    def vendor(path: str) -> Vendor:
        return paths.vendor(WireRequest(method="GET", path=path))

    assert vendor(f"{TWILIO}/Nothing") is Vendor.TWILIO
    assert vendor(f"{PROJECT}/Nothing") is Vendor.SIGNALWIRE
    assert vendor("/2010-04-01") is Vendor.SIGNALWIRE
    assert vendor("") is Vendor.SIGNALWIRE


@pytest.mark.parametrize(
    ("segment", "vendor", "parts"),
    [
        ("a", Vendor.SIGNALWIRE, ("a", "")),
        ("a.wav", Vendor.SIGNALWIRE, ("a", ".wav")),
        ("a.mp3", Vendor.TWILIO, ("a", ".mp3")),
        ("a.json", Vendor.TWILIO, ("a", ".json")),
        ("a.xml", Vendor.TWILIO, ("a", ".xml")),
        ("a.xml", Vendor.SIGNALWIRE, ("a.xml", "")),
        ("a.ogg", Vendor.TWILIO, ("a.ogg", "")),
        ("a.JSON", Vendor.TWILIO, ("a.JSON", "")),
        ("Twilio.CURRENT", Vendor.TWILIO, ("Twilio.CURRENT", "")),
        ("Twilio.CURRENT.json", Vendor.TWILIO, ("Twilio.CURRENT", ".json")),
        ("a.wav.json", Vendor.SIGNALWIRE, ("a.wav", ".json")),
        ("a.", Vendor.SIGNALWIRE, ("a.", "")),
        (".wav", Vendor.SIGNALWIRE, ("", ".wav")),
        ("", Vendor.SIGNALWIRE, ("", "")),
    ],
)
def test_only_the_last_ending_goes_and_only_a_known_one(segment: str, vendor: Vendor, parts: tuple[str, str]) -> None:
    assert paths.split(segment, vendor) == parts


@pytest.mark.parametrize("account", BOTH)
@pytest.mark.parametrize(
    ("ending", "form"),
    [("", MediaFormat.WAV), (".wav", MediaFormat.WAV), (".mp3", MediaFormat.MP3), (".json", None)],
)
def test_a_recordings_path_asks_for_audio_or_a_document(account: str, ending: str, form: MediaFormat | None) -> None:
    assert paths.media_format(asking(named(account) + ending).request) is form
    in_call = f"{account}/Calls/x/Recordings/y{ending}"
    assert paths.media_format(asking(in_call).request) is form


def test_in_a_conference_no_ending_is_a_document() -> None:
    for ending, form in (("", None), (".wav", MediaFormat.WAV), (".mp3", MediaFormat.MP3), (".json", None)):
        assert paths.media_format(asking(f"{PROJECT}/Conferences/x/Recordings/y{ending}").request) is form


@pytest.mark.parametrize(
    ("path", "xml"),
    [
        (f"{TWILIO}/Recordings", True),
        (f"{TWILIO}/Recordings.json", False),
        (f"{TWILIO}/Recordings.json/", False),
        (f"{TWILIO}/Recordings/RE1.wav", True),
        (f"{TWILIO}/Recordings/RE1.json", False),
        (f"{PROJECT}/Recordings", False),
        (f"{PROJECT}/Recordings/1.wav", False),
        ("/2010-04-01/Accounts/AC1/Nothing", True),
    ],
)
def test_twilio_answers_xml_where_the_path_does_not_say_json(path: str, xml: bool) -> None:
    assert paths.wants_xml(asking(path).request) is xml
