"""The parameters of our own API that are about live calls; the others are ``parameters``."""

from __future__ import annotations

from callvault.dialects.callvault import kinds
from callvault.dialects.callvault.asked import Parameter, Table
from callvault.dialects.callvault.words import EXAMPLE_ID

CALL = Parameter(
    name="call",
    kind=kinds.TEXT,
    about="The live call: by its `take`, its `call_id`, its SIP Call-ID, the id of a recording that is being made of "
    "it, or what any vendor calls it (`names`).",
    place="path",
    required=True,
    example=EXAMPLE_ID,
)
WHICH = Parameter(
    name="which",
    kind=kinds.TEXT,
    about="The recording's id, or `current`, the one that was started last; or `all`.",
    place="path",
    required=True,
    example="current",
)
USER = Parameter(name="user_id", kind=kinds.UUID_, about="Those of this user.")
KEY = Parameter(
    name="Idempotency-Key",
    kind=kinds.IDEMPOTENCY_KEY,
    about="Given twice for one call, the second time is the first over again.",
    place="header",
    example="9f3c1a52-agent-7",
)

FIND_CALLS = Table(USER)
START = Table(KEY)
