"""Our own webhooks: Standard Webhooks 1.0.0 (github.com/standard-webhooks, specification read 2026-11).

The body is the event's type and time, and the recording's card as it was then.  The signature is over id, timestamp and
raw body; ``standardwebhooks`` and its like check it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

import orjson

from callvault.dialects.callvault.documents import recording_object
from callvault.dialects.contract import Terms
from callvault.dialects.notices import Hooks, Telling
from callvault.dialects.toolbox.signing import account_secret, hmac_base64
from callvault.dialects.toolbox.times import iso_ms
from callvault.model.actor import Account
from callvault.model.events import EventKind
from callvault.model.hook import Failure, Hook
from callvault.model.notice import Notice, Outcome, Rules, taken

PAUSES_S = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""The specification's example: ten tries over three days."""
TIMEOUT_S = 15.0
KEY_USE = "callvault"


def rules(hook: Hook) -> Rules:  # noqa: ARG001 - one shape for all
    """Everything but 2xx is tried again, and 410 ends the hook."""
    return Rules(
        timeout_s=TIMEOUT_S, pauses_s=PAUSES_S, jitter=0.1, again=_again, heeds_retry_after=True, gone_ends=True
    )


def phrase(telling: Telling) -> Notice:
    """The same id in every attempt, and the attempt's own time."""
    body = orjson.dumps(
        {
            "type": telling.event.kind,
            "timestamp": iso_ms(telling.event.at),
            "data": recording_object(telling.recording, telling.terms.base_url),
        }
    )
    message_id, timestamp = str(telling.event.id), str(int(telling.sent_at.timestamp()))
    secret = account_secret(telling.account, telling.terms, KEY_USE)
    signature = hmac_base64(secret, f"{message_id}.{timestamp}.".encode() + body, "sha256")
    headers = (
        ("Content-Type", "application/json"),
        ("webhook-id", message_id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", f"v1,{signature}"),
    )
    return Notice(method="POST", url=telling.url, headers=headers, body=body)


def proof(account: Account, terms: Terms) -> Mapping[str, str]:
    """What Standard Webhooks' validators take."""
    secret = account_secret(account, terms, KEY_USE)
    return {"webhook_secret": "whsec_" + base64.b64encode(secret).decode()}


HOOKS = Hooks(
    events={kind: (kind.value,) for kind in EventKind},
    usual=frozenset(EventKind),
    rules=rules,
    phrase=phrase,
    proof=proof,
)


def _again(outcome: Outcome) -> bool:
    if outcome.status is None:
        return outcome.failure in {Failure.UNREACHABLE, Failure.SILENT}
    return not taken(outcome) and outcome.status != 410
