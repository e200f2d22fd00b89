"""How SignalWire's and Twilio's callbacks are signed, and what a URL's fragment may say."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs
from uuid import UUID

import pytest

from callvault.dialects.signalwire.hooks import phrase, proof, rules
from callvault.errors import Conflict
from callvault.model.hook import Failure
from callvault.model.media import MediaFormat
from callvault.model.notice import Notice, Outcome
from callvault.model.recording import StoredMedia
from callvault.model.sealed import SealedForm, SealedMedia
from tests.unit.dialects.tellings import ACCOUNT, TERMS, hook, telling

TWILIO = {"vendor": "twilio"}
MEDIA = StoredMedia(
    store="main",
    key="a",
    size_bytes=1,
    sha256="0" * 64,
    format=MediaFormat.WAV,
    codec="pcm_s16le",
    sample_rate=8000,
    samples=1,
)


def fields(notice: Notice) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(notice.body.decode()).items()}


def test_the_fragment_is_not_sent() -> None:
    notice = phrase(telling("signalwire", "available", url="https://hooks.example.org/a?b=c#rt=3000"))
    assert notice.url == "https://hooks.example.org/a?b=c"
    assert phrase(telling("signalwire", "available", url="https://hooks.example.org#rt=1")).url.endswith(".org/")


def test_two_signatures_with_two_keys() -> None:
    headers = dict(phrase(telling("signalwire", "available")).headers)
    assert headers["X-Twilio-Signature"] != headers["X-SignalWire-Signature"]
    assert proof(ACCOUNT, TERMS)["signing_key"].startswith("PSK_")


def test_without_a_key_that_is_kept_whole_nothing_is_said() -> None:
    with pytest.raises(Conflict, match="no key"):
        phrase(replace(telling("signalwire", "available"), auth_token=None))


def test_times_are_the_fragments_within_their_limits() -> None:
    usual = rules(hook("signalwire"))
    assert (usual.connect_s, usual.read_s, usual.timeout_s) == (2, 5, 15)
    told = rules(hook("signalwire", url="https://a.example.org/#ot=500&rt=1500&tt=9000"))
    assert (told.connect_s, told.read_s, told.timeout_s) == (0.5, 1.5, 9)
    twilio = rules(hook("signalwire", url="https://a.example.org/#ct=5&rt=99999&tt=x", options=TWILIO))
    assert (twilio.connect_s, twilio.read_s, twilio.timeout_s) == (0.1, 15, 15)


def test_signalwire_tries_once_and_twilio_again_where_no_connection_came_about() -> None:
    assert rules(hook("signalwire")).pauses_s == ()
    twilio = rules(hook("signalwire", options=TWILIO))
    assert len(twilio.pauses_s) == 1
    assert twilio.again(Outcome(failure=Failure.UNREACHABLE))
    assert not twilio.again(Outcome(failure=Failure.SILENT))
    assert not twilio.again(Outcome(status=503))


def test_how_often_and_after_what_is_the_fragments_too() -> None:
    told = rules(hook("signalwire", url="https://a.example.org/#rc=4&rp=5xx,rt", options=TWILIO))
    assert len(told.pauses_s) == 4
    assert told.again(Outcome(status=503))
    assert told.again(Outcome(failure=Failure.SILENT))
    assert not told.again(Outcome(status=404))
    assert not told.again(Outcome(failure=Failure.UNREACHABLE))
    every = rules(hook("signalwire", url="https://a.example.org/#rc=99&rp=all"))
    assert len(every.pauses_s) == 5
    assert every.again(Outcome(status=404))
    assert not every.again(Outcome(failure=Failure.FORBIDDEN))
    assert not every.again(Outcome(failure=Failure.UNSPOKEN))


def test_what_was_captured_and_cannot_be_given_out_has_failed() -> None:
    told = telling("signalwire", "failed", options=TWILIO)
    assert fields(phrase(told))["RecordingStatus"] == "absent"
    assert fields(phrase(told))["ErrorCode"] == "16102"
    kept = replace(told.recording, media=MEDIA, error="The public key is not one.")
    assert fields(phrase(replace(told, recording=kept)))["RecordingStatus"] == "failed"
    assert "ErrorCode" not in fields(phrase(replace(told, recording=kept)))


def test_nothing_empty_is_sent() -> None:
    assert b"=&" not in phrase(telling("signalwire", "not transcribed")).body


def test_twilio_tells_how_it_was_encrypted_and_nobody_else_does() -> None:
    form = SealedForm(format=MediaFormat.WAV, channels=1, start=0, size_bytes=17, iv="made up")
    sealed = SealedMedia(key_id=UUID(int=7), wrapped_key="made up too", forms=(form,))
    told = telling("signalwire", "available", options=TWILIO)
    media = replace(MEDIA, sealed=sealed)
    encrypted = replace(told, recording=replace(told.recording, media=media))
    details = json.loads(fields(phrase(encrypted))["EncryptionDetails"])
    assert details["type"] == "rsa-aes"
    assert details["public_key_sid"] == "CR" + "7".zfill(32)
    assert (details["encrypted_cek"], details["iv"]) == ("made up too", "made up")
    assert "EncryptionDetails" not in fields(phrase(told))
    other = telling("signalwire", "available")
    other = replace(other, recording=replace(other.recording, media=media))
    assert "EncryptionDetails" not in fields(phrase(other))
