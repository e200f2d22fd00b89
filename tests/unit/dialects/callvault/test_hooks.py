"""How our own notices are signed, and under which rules they go out."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

from callvault.dialects.callvault.hooks import phrase, proof, rules
from callvault.model.hook import Failure
from callvault.model.notice import Outcome
from tests.unit.dialects.tellings import ACCOUNT, TERMS, hook, telling


def test_the_signature_is_over_id_timestamp_and_body() -> None:
    notice = phrase(telling("callvault", "available"))
    headers = dict(notice.headers)
    secret = base64.b64decode(proof(ACCOUNT, TERMS)["webhook_secret"].removeprefix("whsec_"))
    assert 24 <= len(secret) <= 64
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + notice.body
    expected = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_another_attempt_has_the_same_id_and_a_time_of_its_own() -> None:
    first = telling("callvault", "available")
    later = replace(first, attempt=2, sent_at=first.sent_at + timedelta(minutes=5))
    one, two = dict(phrase(first).headers), dict(phrase(later).headers)
    assert one["webhook-id"] == two["webhook-id"]
    assert int(two["webhook-timestamp"]) - int(one["webhook-timestamp"]) == 300
    assert phrase(first).body == phrase(later).body


def test_everything_but_success_is_tried_again_for_days_and_410_is_the_end() -> None:
    told = rules(hook("callvault"))
    assert sum(told.pauses_s) > 3 * 86_400
    for outcome in (Outcome(status=404), Outcome(status=302), Outcome(status=503), Outcome(failure=Failure.SILENT)):
        assert told.again(outcome)
    for outcome in (Outcome(status=410), Outcome(failure=Failure.FORBIDDEN)):
        assert not told.again(outcome)
    assert told.gone_ends
    assert told.heeds_retry_after
    assert told.redirects == 0
