"""Events to tell of: those of ``tests/golden/notices/core.json``, ready to be varied."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from callvault.dialects import registry
from callvault.dialects.contract import Dialect, Terms
from callvault.dialects.notices import Telling
from callvault.model.actor import Account
from callvault.model.card import read_card
from callvault.model.events import Event, EventKind
from callvault.model.hook import Hook
from tests.world import complete

NOTICES = Path(__file__).parents[2] / "golden" / "notices"
CORE = json.loads((NOTICES / "core.json").read_text())
NOW = datetime.fromisoformat(CORE["now"])
ACCOUNT = Account(
    id=UUID(CORE["account"]["id"]), serial=CORE["account"]["serial"], name=CORE["account"]["name"], created_at=NOW
)
TERMS = Terms(now=NOW, base_url=CORE["base_url"], link_key=b"l" * 32, cloak_key=b"v" * 32, notice_key=b"n" * 32)
DIALECTS = {dialect.name: dialect for dialect in registry.load()}
URL = "https://hooks.example.org/calls?shop=7"


def dialect(name: str) -> Dialect:
    return DIALECTS[name]


def hook(name: str, **fields: Any) -> Hook:
    """A hook of this dialect for everything that it can tell."""
    given = {
        "id": UUID("019cbb40-9999-7999-8999-000000000009"),
        "account_id": ACCOUNT.id,
        "dialect": name,
        "url": URL,
        "events": frozenset(DIALECTS[name].hooks.events),
        "created_at": NOW,
    }
    return Hook(**{**given, **fields})


def telling(name: str, event: str, *, attempt: int = 1, url: str | None = None, **fields: Any) -> Telling:
    """An event of the golden cases, to be told by this dialect; ``fields``: the hook's."""
    told, to = CORE["events"][event], hook(name, **fields)
    recording = complete(read_card(CORE["recordings"][told["recording"]]), ACCOUNT.id, NOW)
    return Telling(
        event=Event(
            id=UUID(told["id"]),
            account_id=ACCOUNT.id,
            recording_id=recording.id,
            kind=EventKind(told["kind"]),
            at=datetime.fromisoformat(told["at"]),
        ),
        recording=recording,
        hook=to,
        account=ACCOUNT,
        terms=TERMS,
        auth_token=CORE["auth_token"],
        sent_at=NOW,
        attempt=attempt,
        url=url or to.url,
    )
