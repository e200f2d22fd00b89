"""Bandwidth's Voice API v2, the recordings family."""

from callvault.dialects.bandwidth.auth import claim, credentials
from callvault.dialects.bandwidth.errors import refuse
from callvault.dialects.bandwidth.examples import examples
from callvault.dialects.bandwidth.hooks import HOOKS
from callvault.dialects.bandwidth.replies import names
from callvault.dialects.bandwidth.routes import ROUTES
from callvault.dialects.contract import Dialect

DIALECT = Dialect(
    name="bandwidth",
    title="Bandwidth",
    routes=ROUTES,
    claim=claim,
    refuse=refuse,
    credentials=credentials,
    names=names,
    examples=examples,
    hooks=HOOKS,
    conferences={"bandwidth": "conference_id"},
)
