"""Telnyx's API v2, the recordings family."""

from callvault.dialects.contract import Dialect
from callvault.dialects.telnyx.auth import claim, credentials
from callvault.dialects.telnyx.errors import refuse
from callvault.dialects.telnyx.examples import examples
from callvault.dialects.telnyx.hooks import HOOKS
from callvault.dialects.telnyx.replies import names
from callvault.dialects.telnyx.routes import ROUTES

DIALECT = Dialect(
    name="telnyx",
    title="Telnyx",
    routes=ROUTES,
    claim=claim,
    refuse=refuse,
    credentials=credentials,
    names=names,
    examples=examples,
    hooks=HOOKS,
    calls={"telnyx": "call_control_id"},
    conferences={"telnyx": "conference_id"},
)
