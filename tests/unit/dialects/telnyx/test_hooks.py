"""How Telnyx's notices are signed, and under which rules they go out."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from callvault.dialects.telnyx.hooks import phrase, proof, rules
from callvault.model.hook import Failure
from callvault.model.notice import Outcome
from tests.unit.dialects.tellings import ACCOUNT, TERMS, hook, telling


def test_the_signature_is_over_timestamp_and_body() -> None:
    notice = phrase(telling("telnyx", "available"))
    headers = dict(notice.headers)
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(proof(ACCOUNT, TERMS)["public_key"]))
    signature = base64.b64decode(headers["Telnyx-Signature-Ed25519"])
    key.verify(signature, headers["Telnyx-Timestamp"].encode() + b"|" + notice.body)
    with pytest.raises(InvalidSignature):
        key.verify(signature, b"1" + headers["Telnyx-Timestamp"].encode()[1:] + b"|" + notice.body[:-1] + b" ")


def test_every_account_and_every_house_has_a_key_of_its_own() -> None:
    other = replace(ACCOUNT, id=UUID(int=7 << 76))
    keys = {
        proof(account, terms)["public_key"]
        for account in (ACCOUNT, other)
        for terms in (TERMS, replace(TERMS, notice_key=b"o" * 32))
    }
    assert len(keys) == 4


def test_terms_without_a_key_sign_nothing() -> None:
    with pytest.raises(ValueError, match="without a key"):
        proof(ACCOUNT, replace(TERMS, notice_key=b""))


def test_what_may_pass_is_tried_again_and_other_refusals_are_not() -> None:
    told = rules(hook("telnyx"))
    for status in (408, 429, 500, 503):
        assert told.again(Outcome(status=status))
    for status in (400, 401, 404, 422, 302):
        assert not told.again(Outcome(status=status))
    assert told.again(Outcome(failure=Failure.SILENT))
    assert not told.again(Outcome(failure=Failure.FORBIDDEN))
    assert told.redirects == 3


def test_times_are_the_hooks() -> None:
    assert rules(hook("telnyx")).timeout_s == 2
    assert rules(hook("telnyx", options={"timeout_secs": "0"})).timeout_s == 2
    assert rules(hook("telnyx", options={"timeout_secs": "30"})).timeout_s == 30
    assert rules(hook("telnyx", options={"retries_ms": "1000,2500"})).pauses_s == (1.0, 2.5)


def test_a_reason_of_the_vendors_is_told_and_any_other_is_not() -> None:
    told = telling("telnyx", "failed")
    for error, reason in (
        ("Unsupported backend", "Unsupported backend"),
        ("the key of the bucket is s3cr3t", "Internal server error"),
    ):
        body = json.loads(phrase(replace(told, recording=replace(told.recording, error=error))).body)
        assert body["data"]["payload"]["reason"] == reason


def test_the_attempt_and_where_it_goes_are_in_meta() -> None:
    body = json.loads(phrase(telling("telnyx", "available", attempt=4, url="https://b.example.org/")).body)
    assert body["meta"] == {"attempt": 4, "delivered_to": "https://b.example.org/"}


def test_the_state_of_the_command_is_told_before_the_hooks_own() -> None:
    told = telling("telnyx", "available", options={"client_state": "aG9vaw=="})
    for extras, state in (({}, "aG9vaw=="), ({"telnyx": {"client_state": "Y2FsbA=="}}, "Y2FsbA==")):
        body = json.loads(phrase(replace(told, recording=replace(told.recording, extras=extras))).body)
        assert body["data"]["payload"]["client_state"] == state
