"""The table of recording parameters: each row makes a difference to the wish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from callvault.dialects.kazoo.parameters import Parameters, Unfit, read_wish, safe_name
from callvault.model.destination import read_networks, without_credentials
from callvault.model.media import MediaFormat
from callvault.model.recording import Origin
from callvault.model.wish import Cue, Push, Wish

LOOPBACK = read_networks("127.0.0.0/8")
USUAL = Wish(format=MediaFormat.MP3, most_s=3600.0, origin=Origin.CALL_COMMAND)
URL = "https://keep.example.org/calls"


def wish(said: Mapping[str, Any]) -> Wish:
    return read_wish(Parameters(said=said, path=("data",)), origin=Origin.CALL_COMMAND, networks=())


def unfit(said: Mapping[str, Any]) -> Unfit:
    with pytest.raises(Unfit) as caught:
        wish(said)
    return caught.value


def test_what_is_usual() -> None:
    assert wish({}) == USUAL


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ({"format": "wav"}, {"format": MediaFormat.WAV}),
        ({"format": "MP3"}, {}),
        ({"label": "tea"}, {"label": "tea"}),
        ({"record_min_sec": 7}, {"least_s": 7.0}),
        ({"record_min_sec": "7"}, {"least_s": 7.0}),
        ({"record_on_answer": True}, {"cue": Cue.ANSWERED}),
        ({"record_on_answer": "true"}, {"cue": Cue.ANSWERED}),
        ({"record_on_bridge": True}, {"cue": Cue.BRIDGED}),
        ({"record_on_answer": True, "record_on_bridge": True}, {"cue": Cue.ANSWERED}),
        ({"record_on_answer": False, "record_on_bridge": False}, {}),
        ({"record_sample_rate": 16_000}, {"sample_rate": 16_000}),
        ({"record_sample_rate": "8000"}, {"sample_rate": 8000}),
        ({"record_sample_rate": 7}, {}),
        ({"should_follow_transfer": False}, {"follows_transfer": False}),
        ({"should_follow_transfer": True}, {}),
        ({"time_limit": 5}, {"most_s": 5.0}),
        ({"time_limit": 10_800}, {"most_s": 10_800.0}),
        ({"time_limit": "600"}, {"most_s": 600.0}),
        ({"url": URL}, {"push": Push(url=URL), "extras": {"kazoo": {"url": URL}}}),
        ({"url": URL, "method": "put"}, {"push": Push(url=URL), "extras": {"kazoo": {"url": URL}}}),
        ({"url": URL, "method": "POST"}, {"push": Push(url=URL, method="POST"), "extras": {"kazoo": {"url": URL}}}),
        ({"method": "post"}, {}),
        ({"url": ""}, {}),
        ({"origin": "anybody's word"}, {}),
        ({"anything": "else"}, {}),
        ({"format": None, "url": None, "time_limit": None, "record_on_answer": None}, {}),
    ],
    ids=str,
)
def test_each_row(said: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    assert wish(said) == replace(USUAL, **changes)


@pytest.mark.parametrize(
    ("name", "form", "file"),
    [
        ("tea.mp3", MediaFormat.MP3, "tea.mp3"),
        ("tea.WAV", MediaFormat.WAV, "tea.WAV"),
        ("tea", MediaFormat.MP3, "tea.mp3"),
        ("tea.ogg", MediaFormat.MP3, "tea.ogg.mp3"),
        ("/etc/tea.wav", MediaFormat.WAV, "tea.wav"),
        ("../../tea.wav", MediaFormat.WAV, "tea.wav"),
        ("..\\tea.wav", MediaFormat.WAV, "tea.wav"),
        (".tea\r\n.wav", MediaFormat.WAV, "tea.wav"),
    ],
)
def test_a_media_name_decides_what_the_file_is_and_leads_nowhere(name: str, form: MediaFormat, file: str) -> None:
    made = wish({"media_name": name, "format": "wav"})
    assert (made.format, made.file_name, made.extras) == (form, file, {"kazoo": {"name": file}})


@pytest.mark.parametrize("name", ["/", "..", "a/", " . ", "\x01"])
def test_a_media_name_is_a_name(name: str) -> None:
    assert unfit({"media_name": name}).rule == "invalid"


def test_a_long_media_name_keeps_its_end() -> None:
    assert safe_name("a" * 1000 + ".wav").endswith("a.wav")
    assert len(safe_name("a" * 1000 + ".wav")) == 200


@pytest.mark.parametrize(
    ("said", "key", "rule", "target"),
    [
        ({"format": "ogg"}, "format", "enum", ["mp3", "wav"]),
        ({"method": "patch", "url": URL}, "method", "enum", ["put", "post"]),
        ({"time_limit": 4}, "time_limit", "minimum", 5),
        ({"time_limit": 10_801}, "time_limit", "maximum", 10_800),
        ({"time_limit": 60.5}, "time_limit", "type", "integer"),
        ({"time_limit": True}, "time_limit", "type", "integer"),
        ({"time_limit": "soon"}, "time_limit", "type", "integer"),
        ({"record_min_sec": -1}, "record_min_sec", "minimum", 0),
        ({"record_min_sec": 1 << 40}, "record_min_sec", "type", "integer"),
        ({"record_sample_rate": "high"}, "record_sample_rate", "type", "integer"),
        ({"record_on_answer": 1}, "record_on_answer", "type", "boolean"),
        ({"record_on_bridge": "yes"}, "record_on_bridge", "type", "boolean"),
        ({"should_follow_transfer": []}, "should_follow_transfer", "type", "boolean"),
        ({"label": 7}, "label", "type", "string"),
        ({"label": "a\0"}, "label", "invalid", None),
        ({"media_name": {}}, "media_name", "type", "string"),
        ({"url": 7}, "url", "type", "string"),
        ({"url": "ftp://keep.example.org/"}, "url", "error", None),
        ({"url": "keep.example.org"}, "url", "error", None),
        ({"url": "http://127.0.0.1/calls"}, "url", "error", None),
        ({"url": "http://user:secret@10.0.0.1/calls"}, "url", "error", None),
        ({"url": "http://[::1/calls"}, "url", "error", None),
    ],
    ids=str,
)
def test_what_breaks_the_schema(said: Mapping[str, Any], key: str, rule: str, target: object) -> None:
    error = unfit(said)
    assert (error.path, error.rule, error.target, error.said) == (("data", key), rule, target, said[key])


def test_a_network_that_the_operator_allows_may_be_pushed_to() -> None:
    said = {"url": "http://127.0.0.1:8080/calls"}
    made = read_wish(Parameters(said=said), origin=Origin.TRUNK, networks=LOOPBACK)
    assert made.push == Push(url=said["url"])
    assert made.origin is Origin.TRUNK


def test_what_lets_one_in_is_pushed_with_and_not_shown() -> None:
    made = wish({"url": "https://user:secret@keep.example.org:8443/a?b=c"})
    assert made.push == Push(url="https://user:secret@keep.example.org:8443/a?b=c")
    assert made.extras == {"kazoo": {"url": "https://keep.example.org:8443/a?b=c"}}
    assert without_credentials("https://a@b@keep.example.org/") == "https://keep.example.org/"
