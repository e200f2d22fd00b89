"""Kazoo's webhook ``object`` for documents of the type ``call_recording``.

Kazoo writes the document when the recording ends (``doc_created``) and again when its audio is stored
(``doc_edited``); here the audio can be fetched at both.  Sources: NOTES.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson

from callvault.dialects.contract import Terms
from callvault.dialects.kazoo import words
from callvault.dialects.notices import Hooks, Telling
from callvault.dialects.toolbox.forms import FORM, form_body, with_query
from callvault.model.events import EventKind
from callvault.model.hook import Hook, HookOption
from callvault.model.notice import Notice, Outcome, Rules

CREATED, EDITED, DELETED = "doc_created", "doc_edited", "doc_deleted"
ACTION: Mapping[EventKind, str] = {
    EventKind.ENDED: CREATED,
    EventKind.AVAILABLE: EDITED,
    EventKind.CHANGED: EDITED,
    EventKind.TRANSCRIPTION_AVAILABLE: EDITED,
    EventKind.DELETED: DELETED,
}
TYPE = "call_recording"
OPTIONS = {
    "format": HookOption(about="The body of POST and PUT.", choices=("form-data", "json")),
    "retries": HookOption(about="How often it is tried again.", span=(0, 4), whole=True),
}
RETRIES = 2
PAUSE_S, TIMEOUT_S = 2.0, 10.0


def rules(hook: Hook) -> Rules:
    """Two seconds between tries; anything but 200 is a failure."""
    retries = int(hook.options.get("retries", RETRIES))
    return Rules(timeout_s=TIMEOUT_S, pauses_s=(PAUSE_S,) * retries, success=_ok, again=lambda _: True)


def phrase(telling: Telling) -> Notice:
    """Which document it is, and what was done to it; the document itself has to be asked for."""
    hook = telling.hook
    told = {
        "id": words.recording_id(telling.recording),
        "account_id": telling.account.id.hex,
        "action": ACTION[telling.event.kind],
        "type": TYPE,
        "cluster_id": cluster_id(telling.terms),
    }
    headers = (("X-Hook-ID", hook.id.hex), ("X-Account-ID", telling.account.id.hex))
    if hook.method == "GET":
        return Notice(method="GET", url=with_query(telling.url, told.items()), headers=headers)
    if hook.options.get("format") == "json":
        typed = (*headers, ("Content-Type", "application/json"))
        return Notice(method=hook.method, url=telling.url, headers=typed, body=orjson.dumps(told))
    typed = (*headers, ("Content-Type", FORM))
    return Notice(method=hook.method, url=telling.url, headers=typed, body=form_body(told.items()))


HOOKS = Hooks(
    events={kind: (action,) for kind, action in ACTION.items()},
    usual=frozenset(ACTION),
    methods=("POST", "GET", "PUT"),
    options=OPTIONS,
    rules=rules,
    phrase=phrase,
)


def cluster_id(terms: Terms) -> str:
    """32 hex characters that stand for this house."""
    return hashlib.sha256(terms.base_url.encode()).hexdigest()[:32]


def _ok(outcome: Outcome) -> bool:
    return outcome.status == 200
